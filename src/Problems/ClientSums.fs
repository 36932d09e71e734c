namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// f = (1/M) Σ_m f_m over M clients, f_m = (1/n) Σ_i f_m^i over n summands of their own. As a finite sum it is that of the
/// clients. Lists of all summands hold summand i of client m at place mn + i; lists of indices name a summand in [0, n) for
/// each client: M × lanes × 1.
type IClientSum =
    inherit IFiniteSum
    /// n.
    abstract Summands: int
    /// ∇f_m^i(x) for all summands: points 1 × lanes × d or Mn × lanes × d; result Mn × lanes × d.
    abstract SummandGradients: Block -> Block
    /// ∇f_m^j(x_m) for every client's own index j: points 1 × lanes × d or M × lanes × d; result M × lanes × d.
    abstract SummandGradientAt: Indices -> Block -> Block
    /// D(y_m, x_m) = f_m^j(y_m) − f_m^j(x_m) − ⟨∇f_m^j(x_m), y_m − x_m⟩ for every client's own index j: M × lanes × 1.
    abstract SummandDivergenceAt: indices: Indices -> y: Block -> x: Block -> Block
    /// Smoothness constants of all summands.
    abstract SummandSmoothnesses: float[]
    /// Strong convexity constants of all summands; 0 for a merely convex one.
    abstract SummandConvexities: float[]

/// Convex quadratics f_m^i(x) = ½(x − b_mi)ᵀA_mi(x − b_mi), the A_mi (matrices[m].[i]) positive semidefinite with a positive
/// definite mean.
[<Sealed>]
type ClientQuadratic(name: string, matrices: Matrix[][], centres: float[][][]) =
    let clients, summands = matrices.Length, matrices[0].Length
    let d = matrices[0].[0].Rows
    let all = Quadratic(name, Array.concat matrices, Array.concat centres)
    let whole = all :> IFiniteSum

    /// A centre of client m: the pseudo-inverse of its mean Hessian at (1/n) Σ_i A_mi b_mi, which lies in its range.
    let centreOf m =
        let eigen = Decompositions.SymmetricEigen(Linear.mean matrices[m])

        let linear =
            Array.map2
                (fun (a: Matrix) (b: float[]) -> LinearAlgebra.Multiply(a, ReadOnlySpan b))
                matrices[m]
                centres[m]

        let mean = Array.init d (fun j -> linear |> Array.averageBy (fun v -> v[j]))

        let along =
            Array.init d (fun k ->
                if eigen.Values[k] > Rounding.rank * eigen.Values[d - 1] then
                    Seq.sum (Seq.init d (fun j -> eigen.Vectors[j, k] * mean[j])) / eigen.Values[k]
                else
                    0.0)

        Array.init d (fun j -> Seq.sum (Seq.init d (fun k -> eigen.Vectors[j, k] * along[k])))

    let means =
        Quadratic(name, matrices |> Array.map Linear.mean, Array.init clients centreOf)

    let perClient = means :> IFiniteSum

    /// Each client's own index as a place in the list of all summands.
    let places (indices: Indices) =
        let own =
            Array.init (clients * indices.Lanes) (fun k ->
                let m = k / indices.Lanes
                m * summands + indices.At(m, k % indices.Lanes)[0])

        Indices(clients, indices.Lanes, 1, clients * summands, own)

    /// λ over the means (1/M) Σ_m A_m^{j_m} of every choice of one summand a client.
    let overChoices (pick: float[] -> float) =
        Seq.init (pown summands clients) (fun code ->
            let chosen =
                Array.init clients (fun m -> matrices[m].[code / pown summands m % summands])

            pick (Array.ofSeq (Decompositions.SymmetricEigen(Linear.mean chosen).Values)))

    /// All summands as one quadratic sum.
    member _.All = all
    /// The A_mi.
    member _.Matrices = matrices
    /// Smoothness that every mean (1/M) Σ_m f_m^{j_m} over one summand a client has.
    member _.ChoiceSmoothness = overChoices Array.last |> Seq.max
    /// Strong convexity that every such mean has.
    member _.ChoiceConvexity = overChoices Array.head |> Seq.min

    interface IClientSum with
        member _.Summands = summands
        member _.SummandGradients x = whole.Gradients x
        member _.SummandGradientAt indices x = whole.GradientAt (places indices) x

        member _.SummandDivergenceAt indices y x =
            let e = y - x
            0.5 * Block.dot e (e.ApplyAt(all.Matrices, places indices))

        member _.SummandSmoothnesses = whole.Smoothnesses
        member _.SummandConvexities = (all :> IStronglyConvexSum).StrongConvexities

    interface IFiniteSum with
        member _.Count = clients
        member _.Smoothnesses = perClient.Smoothnesses
        member _.Gradients x = perClient.Gradients x
        member _.GradientAt indices x = perClient.GradientAt indices x

    interface IObjective with
        member _.Value x = whole.Value x
        member _.Gradient x = whole.Gradient x
        member _.Minimiser = whole.Minimiser
        member _.Infimum = whole.Infimum
        member _.Smoothness = whole.Smoothness
        member _.StrongConvexity = whole.StrongConvexity

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants =
            (all :> IProblem).Constants
            @ [
                Constant.exact
                    "Lclient"
                    "largest eigenvalue over the clients' mean Hessians"
                    (Array.max perClient.Smoothnesses)
                    (fun () -> means.Matrices |> Array.map Linear.largestByBisection |> Array.max)
                Constant.exact
                    "mu_min + Lmax"
                    "extreme eigenvalues over the A_mi"
                    (Array.min (all :> IStronglyConvexSum).StrongConvexities
                     + Array.max whole.Smoothnesses)
                    (fun () ->
                        let least = all.Matrices |> Array.map Linear.smallestByBisection |> Array.min

                        max least 0.0
                        + (all.Matrices |> Array.map Linear.largestByBisection |> Array.max))
            ]

/// Clients and their summands by a few numbers.
[<NoComparison>]
type ClientSpec = {
    /// M ≥ 1.
    Clients: int
    /// n ≥ 1, summands of each client.
    Summands: int
    /// d ≥ 1.
    Dimension: int
    /// Largest curvature; the least is 1.
    Kappa: float
    /// Each summand is flat along one direction of its own (in dimension 2 and more): convex, not strongly so.
    Flat: bool
    /// Scale of the clients' centres.
    Spread: float
    /// Scale of a client's centres around its own.
    Scatter: float
    Seed: int
}

/// Builders of two-level sums.
[<RequireQualifiedAccess>]
module ClientSums =

    /// Spectra 1 … κ in random frames; in dimension 1 the curvatures of all summands go from 1 to κ.
    let quadratic (spec: ClientSpec) : ClientQuadratic =
        let m, n, d = spec.Clients, spec.Summands, spec.Dimension

        if m < 1 || n < 1 || d < 1 || not (spec.Kappa >= 1.0) then
            invalidArg
                (nameof spec)
                $"Clients, summands, dimension and κ must be at least 1; got {m}, {n}, {d}, {spec.Kappa}."

        let curvatures = Linear.geometric 1.0 spec.Kappa (m * n)

        let spectrum client i =
            if d = 1 then
                [| curvatures[i * m + client] |]
            else
                Linear.geometric 1.0 spec.Kappa d
                |> Array.mapi (fun j v -> if spec.Flat && j = 0 then 0.0 else v)

        let matrices =
            Array.init m (fun client ->
                Array.init n (fun i ->
                    LinearAlgebra.FromSpectrum(
                        Linear.rotation spec.Seed (2 * (client * n + i)) d,
                        ReadOnlySpan(spectrum client i)
                    )))

        let centre scale site =
            Linear.gaussians spec.Seed (2 * site + 1) d |> Array.map ((*) scale)

        let centres =
            Array.init m (fun client ->
                Array.init n (fun i ->
                    Array.map2 (+) (centre spec.Spread (m * n + client)) (centre spec.Scatter (client * n + i))))

        ClientQuadratic($"{m} clients with {n} quadratics each, d = {d}, κ = {spec.Kappa:G4}", matrices, centres)

    /// Scalar summands ½a(x − b)²: rows of curvatures a and centres b, one a client.
    let scalar (curvatures: float[][]) (centres: float[][]) : ClientQuadratic =
        ClientQuadratic(
            $"{curvatures.Length} clients with {curvatures[0].Length} scalar quadratics each",
            curvatures |> Array.map (Array.map (fun a -> LinearAlgebra.Diagonal [| a |])),
            centres |> Array.map (Array.map Array.singleton)
        )

    /// Smaller specifications.
    let shrink (spec: ClientSpec) : ClientSpec seq =
        seq {
            if spec.Clients > 1 then
                { spec with Clients = spec.Clients - 1 }

            if spec.Summands > 1 then
                {
                    spec with
                        Summands = spec.Summands - 1
                }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Scatter > 0.0 then
                { spec with Scatter = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications of at most the given sizes.
    let generator maxClients maxSummands maxDimension : FsCheck.Gen<ClientSpec> =
        gen {
            let! clients = Gen.choose (1, maxClients)
            let! summands = Gen.choose (1, maxSummands)
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 1.0; 3.0; 6.0; 20.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! scatter = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Summands = summands
                Dimension = dimension
                Kappa = kappa
                Flat = false
                Spread = spread
                Scatter = scatter
                Seed = seed
            }
        }
