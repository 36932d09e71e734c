namespace Theory.Problems

open System
open System.Collections.Concurrent
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// f = (1/n) Σ f_i over clients that solve their own proximal problems, every f_i strongly convex.
type IClientProx =
    inherit IStronglyConvexSum
    /// argmin_y f_i(y) + (c_i/2)‖y‖² − ⟨t_i, y⟩ for every client i; c_i > −μ_i, t is n × lanes × d.
    abstract Prox: curvatures: float[] -> linear: Block -> Block

/// Quadratics whose proximal problems are linear systems.
[<Sealed>]
type ProxClientQuadratic(quadratic: Quadratic) =
    let f = quadratic :> IStronglyConvexSum
    let known = ConcurrentDictionary<struct (int * float), Matrix>()
    let identity = Matrix.Identity f.Dimension

    let shifts =
        Array.map2
            (fun (a: Matrix) (b: float[]) -> LinearAlgebra.Multiply(a, ReadOnlySpan b))
            quadratic.Matrices
            quadratic.Centres
        |> Block.ofWorkers

    /// (A_i + cI)⁻¹.
    let inverse i c =
        known.GetOrAdd(
            struct (i, c),
            fun _ -> Decompositions.Solve(LinearAlgebra.Combine(1.0, quadratic.Matrices[i], c, identity), identity)
        )

    /// The quadratics.
    member _.Quadratic = quadratic

    interface IClientProx with
        member _.Prox curvatures linear =
            (linear + shifts).Apply(curvatures |> Array.mapi inverse)

    interface IHessian with
        member _.Hessian x = (quadratic :> IHessian).Hessian x

    interface IStronglyConvexSum with
        member _.StrongConvexities = f.StrongConvexities

    interface IFiniteSum with
        member _.Count = f.Count
        member _.Smoothnesses = f.Smoothnesses
        member _.Gradients x = f.Gradients x
        member _.GradientAt indices x = f.GradientAt indices x

    interface IObjective with
        member _.Value x = f.Value x
        member _.Gradient x = f.Gradient x
        member _.Minimiser = f.Minimiser
        member _.Infimum = f.Infimum
        member _.Smoothness = f.Smoothness
        member _.StrongConvexity = f.StrongConvexity

    interface IProblem with
        member _.Name = $"{f.Name}, proximal steps by the clients"
        member _.Dimension = f.Dimension
        member _.Constants = f.Constants

/// Regularised risks, f_i λ-strongly convex, whose proximal problems accelerated gradient descent solves to rounding: as
/// many steps as its linear rate asks for, the same for every point.
[<Sealed>]
type ClientRisk(risk: EmpiricalRisk) =
    inherit ForwardedSum(risk)

    let f = risk :> IFiniteSum
    let n = f.Count
    let lambda = risk.Lambda
    let smooth = f.Smoothnesses

    do
        if not (lambda > 0.0) then
            invalidArg (nameof risk) $"The proximal steps of {f.Name} need λ > 0."

    let column (values: float[]) (x: Block) =
        (Block.ofWorkers (values |> Array.map Array.singleton)).On x.Engine

    /// Nesterov's method with constant momentum on every client's problem at once.
    let solve (curvatures: float[]) (linear: Block) =
        let upper = Array.map2 (+) smooth curvatures

        let roots = Array.map2 (fun u c -> sqrt ((lambda + c) / u)) upper curvatures

        // (1 − √(μ/L))^N ≤ ε⁴ takes the squared error from any reasonable start below rounding.
        let steps =
            roots
            |> Array.map (fun q -> int (ceil (4.0 * -log Rounding.epsilon / q)))
            |> Array.max

        let inverse = column (upper |> Array.map (fun u -> 1.0 / u)) linear
        let own = column curvatures linear
        let momentum = column (roots |> Array.map (fun q -> (1.0 - q) / (1.0 + q))) linear

        let descend (y: Block, z: Block) _ =
            let next = (z - inverse * (f.Gradients z + own * z - linear)).Materialise()
            next, (next + momentum * (next - y)).Materialise()

        let start = Block.repeatWorkers n (0.0 * linear)
        Seq.init steps id |> Seq.fold descend (start, start) |> fst

    override _.Title = $"{f.Name}, proximal steps by the clients"

    interface IClientProx with
        member _.Prox curvatures linear = solve curvatures linear

    interface IStronglyConvexSum with
        member _.StrongConvexities = Array.create n lambda

/// Clients with quadratics of unequal smoothness, by a few numbers.
[<NoComparison>]
type ProxClientSpec = {
    /// n ≥ 1.
    Clients: int
    /// d ≥ 2, so that every client has μ = 1 and its L at once.
    Dimension: int
    /// L of the first client; the others' are geometric between.
    Kappa: float
    /// L of the last client.
    KappaLast: float
    /// All Hessians diagonal instead of in random frames.
    Aligned: bool
    /// Scale of the centres.
    Spread: float
    Seed: int
}

/// Builders of clients.
[<RequireQualifiedAccess>]
module Clients =

    /// Clients with the given diagonal Hessians and Gaussian centres.
    let diagonal (spectra: float[][]) (spread: float) (seed: int) : ProxClientQuadratic =
        let d = spectra[0].Length

        ProxClientQuadratic(
            Quadratic(
                $"{spectra.Length} diagonal quadratics, d = {d}",
                spectra |> Array.map (fun values -> LinearAlgebra.Diagonal values),
                Array.init spectra.Length (fun i -> Linear.gaussians seed (2 * i + 1) d |> Array.map ((*) spread))
            )
        )

    /// The clients of a specification: spectra geometric from 1 to L_i.
    let quadratic (spec: ProxClientSpec) : ProxClientQuadratic =
        if
            spec.Clients < 1
            || spec.Dimension < 2
            || not (min spec.Kappa spec.KappaLast >= 1.0)
        then
            invalidArg
                (nameof spec)
                $"Clients need n ≥ 1, d ≥ 2 and κ ≥ 1; got {spec.Clients}, {spec.Dimension}, {spec.Kappa}, {spec.KappaLast}."

        let sizes =
            if spec.Clients = 1 then
                [| spec.Kappa |]
            else
                Linear.geometric spec.Kappa spec.KappaLast spec.Clients

        let spectra = sizes |> Array.map (fun l -> Linear.geometric 1.0 l spec.Dimension)

        if spec.Aligned then
            diagonal spectra spec.Spread spec.Seed
        else
            let turned =
                spectra
                |> Array.mapi (fun i values ->
                    LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed (2 * i) spec.Dimension, ReadOnlySpan values))

            let plain = (diagonal spectra spec.Spread spec.Seed).Quadratic

            ProxClientQuadratic(
                Quadratic(
                    $"{spec.Clients} quadratics, d = {spec.Dimension}, κ = {spec.Kappa:G4} … {spec.KappaLast:G4}",
                    turned,
                    plain.Centres
                )
            )

    /// Logistic regression over clients.
    let logistic (spec: LogisticSpec) : ClientRisk = ClientRisk(Logistic.distributed spec)

    /// Smaller specifications with at least `fewest` clients.
    let shrink fewest (spec: ProxClientSpec) : ProxClientSpec seq =
        seq {
            if spec.Clients > fewest then
                { spec with Clients = spec.Clients - 1 }

            if spec.Dimension > 2 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }
