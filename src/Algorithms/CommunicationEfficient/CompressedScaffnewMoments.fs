/// Exact expectations of CompressedScaffnew for any number of clients, when all f_i share one diagonal Hessian.
///
/// Then coordinates do not mix, the senders of a coordinate are a uniform s-subset of the clients, and four symmetric
/// second moments of a coordinate obey a linear recursion, whatever the joint law of the masks' rows and the cohort.
module Theory.Algorithms.CommunicationEfficient.CompressedScaffnewMoments

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.CompressedScaffnew

/// One coordinate's expectations, relative to the solution; Σ h_i = 0.
[<Struct>]
type Coordinate = {
    /// Σ x_i².
    Iterates: float
    /// n·x̄².
    Mean: float
    /// Σ h_i².
    Variates: float
    /// Σ x_i h_i.
    Cross: float
}

/// One iteration on the coordinate with curvature a.
let next (n: int) (p: Parameters) (a: float) (c: Coordinate) : Coordinate =
    let g, r = p.Gamma, 1.0 - p.Gamma * a
    // After the local step x̂ = rx + γh.
    let iterates = r * r * c.Iterates + 2.0 * r * g * c.Cross + g * g * c.Variates
    let mean = r * r * c.Mean
    let cross = r * c.Cross + g * c.Variates
    let spread = iterates - mean
    // The mean over a uniform s-subset has variance (n−s)/(s(n−1)) of the clients' spread.
    let averaged = mean + (float n / float p.S - 1.0) / float (n - 1) * spread
    let eta, sigma = p.P * p.Chi / g, share n p.S

    let corrected = c.Variates - 2.0 * eta * sigma * cross + eta * eta * sigma * spread

    let mix heads tails = p.P * heads + (1.0 - p.P) * tails

    {
        Iterates = mix averaged iterates
        Mean = mix averaged mean
        Variates = mix corrected c.Variates
        Cross = mix 0.0 cross
    }

/// f_i(x) = ½(x−b_i)ᵀ diag(a)(x−b_i).
[<NoEquality; NoComparison>]
type Federation = {
    /// a.
    Curvatures: float[]
    /// b_1 … b_n.
    Centres: float[][]
}

/// Curvatures evenly spaced from 1 to κ, standard Gaussian centres.
let federation (clients: int) (dimension: int) (kappa: float) (seed: int) : Federation = {
    Curvatures =
        Array.init dimension (fun k ->
            if dimension = 1 then
                kappa
            else
                1.0 + (kappa - 1.0) * float k / float (dimension - 1))
    Centres = Array.init clients (fun i -> Linear.gaussians seed i dimension)
}

/// The same as a problem.
let problem (f: Federation) : IFiniteSum =
    Quadratic(
        $"{f.Centres.Length} clients with one diagonal Hessian",
        Array.create f.Centres.Length (LinearAlgebra.Diagonal f.Curvatures),
        f.Centres
    )
    :> IFiniteSum

/// The coordinates at x_i = 0, h_i = 0.
let start (f: Federation) : Coordinate[] =
    let n = float f.Centres.Length

    f.Curvatures
    |> Array.mapi (fun k a ->
        let solution = f.Centres |> Array.averageBy (fun b -> b[k])

        {
            Iterates = n * solution * solution
            Mean = n * solution * solution
            Variates = f.Centres |> Array.sumBy (fun b -> (a * (solution - b[k])) ** 2.0)
            Cross = 0.0
        })

/// Ψ of the start.
let initialPsi (f: Federation) (p: Parameters) =
    start f
    |> Array.sumBy (fun c -> c.Iterates / p.Gamma + weight f.Centres.Length p * c.Variates)

/// E(1/n) Σ‖x_i−x*‖² at iterations 0, 1, 2, … from x_i = 0, h_i = 0.
let distances (f: Federation) (p: Parameters) : float seq =
    let n = f.Centres.Length

    start f
    |> Seq.unfold (fun all ->
        let distance = (all |> Array.sumBy (fun c -> c.Iterates)) / float n
        Some(distance, Array.map2 (next n p) f.Curvatures all))

/// The first iteration at which the expected distance is at most ε.
let iterations (f: Federation) (p: Parameters) (epsilon: float) : int =
    distances f p |> Seq.findIndex (fun v -> v <= epsilon)
