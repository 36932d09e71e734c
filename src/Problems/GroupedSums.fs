namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// h = f + g over two groups of clients: f is the mean over the first group, g over the second. The server holds the first
/// function of each, f_1 and g_1, and solves proximal problems with h_1 = f_1 + g_1.
type IGroupedSum =
    inherit IObjective
    /// Clients in the two groups.
    abstract Clients: struct (int * int)
    /// ∇f_i(x) of every client of the first group: clients × lanes × d, the server's first.
    abstract GradientsF: Block -> Block
    /// ∇g_i(x) of every client of the second group.
    abstract GradientsG: Block -> Block
    /// ∇f_1(x).
    abstract ServerF: Block -> Block
    /// ∇g_1(x).
    abstract ServerG: Block -> Block
    /// δ_f with ‖∇(f − f_1)(x) − ∇(f − f_1)(y)‖ ≤ δ_f‖x − y‖.
    abstract SimilarityF: float
    /// δ_g likewise.
    abstract SimilarityG: float
    /// Are f_1 + g and f_1 + g_1 convex?
    abstract ServerConvex: bool
    /// Smoothness of f_1 + g, from above.
    abstract MixedSmoothness: float
    /// argmin_x ⟨t, x⟩ + ‖x − c‖²/(2θ) + h_1(x); 1/θ must exceed h_1's negative curvature.
    abstract ServerStep: theta: float -> t: Block -> c: Block -> Block

/// Quadratic clients ½xᵀA_i x − ⟨b_i, x⟩ in two groups, the server's first in each.
[<Sealed>]
type GroupedQuadratic
    (name: string, first: Matrix[], second: Matrix[], firstOffsets: float[][], secondOffsets: float[][]) =
    let d = first[0].Rows
    let meanF, meanG = Linear.mean first, Linear.mean second
    let h = LinearAlgebra.Add(meanF, meanG)
    let eigen = Decompositions.SymmetricEigen h
    let smoothness, least = eigen.Values[d - 1], eigen.Values[0]

    do
        if not (least > 0.0) then
            invalidArg
                (nameof first)
                $"h must be strongly convex; the smallest eigenvalue of its Hessian is {least:G6}."

    let meanOf (offsets: float[][]) =
        Array.init d (fun j -> offsets |> Array.averageBy (fun b -> b[j]))

    let sum = Array.map2 (+) (meanOf firstOffsets) (meanOf secondOffsets)

    let minimiser =
        Block.vector (Decompositions.Solve(h, Matrix(d, 1, sum)).Values.ToArray())

    let shiftsF, shiftsG = Block.ofWorkers firstOffsets, Block.ofWorkers secondOffsets

    let serverShift = Block.vector (Array.map2 (+) firstOffsets[0] secondOffsets[0])

    let serverF, serverG = Block.vector firstOffsets[0], Block.vector secondOffsets[0]

    let apartF, apartG =
        LinearAlgebra.Subtract(meanF, first[0]), LinearAlgebra.Subtract(meanG, second[0])

    let size (a: Matrix) =
        let values = Decompositions.SymmetricEigen(a).Values
        max (abs values[0]) (abs values[d - 1])

    let deltaF, deltaG = size apartF, size apartG
    let server = LinearAlgebra.Add(first[0], second[0])
    let mixed = LinearAlgebra.Add(first[0], meanG)
    let mixedSmoothness = max (Decompositions.SymmetricEigen(mixed).Values[d - 1]) 0.0
    // To rounding: matrices built to be singular carry it.
    let serverConvex =
        [ server; mixed ]
        |> List.forall (fun a ->
            let values = Decompositions.SymmetricEigen(a).Values
            values[0] >= -1e-10 * (abs values[d - 1] + smoothness))

    let resolvents, mixedResolvents = Resolvents server, Resolvents mixed

    /// ∇²h.
    member _.Sum = h
    /// ∇²(f − f_1) and ∇²(g − g_1).
    member _.Apart = struct (apartF, apartG)
    /// ∇²(f_1 + g).
    member _.Mixed = mixed

    /// argmin_x ⟨t, x⟩ + ‖x − c‖²/(2θ) + f_1(x) + g(x), which needs the second group.
    member _.MixedStep (theta: float) (t: Block) (c: Block) : Block =
        let shift = serverF + Block.mean shiftsG
        (c - theta * t + theta * shift).Apply(mixedResolvents.At theta)

    /// f and g with their groups exchanged.
    member _.Exchanged =
        GroupedQuadratic($"{name}, groups exchanged", second, first, secondOffsets, firstOffsets)

    interface IGroupedSum with
        member _.Clients = struct (first.Length, second.Length)
        member _.GradientsF x = x.Apply first - shiftsF
        member _.GradientsG x = x.Apply second - shiftsG
        member _.ServerF x = x.Apply first[0] - serverF
        member _.ServerG x = x.Apply second[0] - serverG
        member _.SimilarityF = deltaF
        member _.SimilarityG = deltaG
        member _.ServerConvex = serverConvex
        member _.MixedSmoothness = mixedSmoothness

        member _.ServerStep theta t c =
            (c - theta * t + theta * serverShift).Apply(resolvents.At theta)

    interface IObjective with
        member _.Value x =
            let e = x - minimiser
            0.5 * Block.dot e (e.Apply h)

        member _.Gradient x = (x - minimiser).Apply h
        member _.Minimiser = minimiser
        member _.Infimum = 0.0
        member _.Smoothness = smoothness
        member _.StrongConvexity = least

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants = [
            Constant.exact "L" "largest eigenvalue of the Hessian of h" smoothness (fun () ->
                Linear.largestByBisection h)
            Constant.exact "mu + L" "extreme eigenvalues of the Hessian of h" (least + smoothness) (fun () ->
                Linear.smallestByBisection h + Linear.largestByBisection h)
            Constant.exact "delta_f + L" "‖∇²(f − f_1)‖, and L" (deltaF + smoothness) (fun () ->
                Linear.spectralRadiusByBisection apartF + Linear.largestByBisection h)
            Constant.exact "delta_g + L" "‖∇²(g − g_1)‖, and L" (deltaG + smoothness) (fun () ->
                Linear.spectralRadiusByBisection apartG + Linear.largestByBisection h)
        ]

/// Two groups by a few numbers.
[<NoComparison>]
type GroupedSpec = {
    /// d ≥ 1, and at least 2 when convex.
    Dimension: int
    /// Least eigenvalue of ∇²h.
    Mu: float
    /// About the largest eigenvalue of ∇²h.
    Smoothness: float
    /// ‖∇²(f − f_1)‖.
    DeltaF: float
    /// ‖∇²(g − g_1)‖.
    DeltaG: float
    /// f, g, f_1 and g_1 convex; otherwise only h is.
    Convex: bool
    /// Scale of the linear terms.
    Spread: float
    Seed: int
}

/// Builders of two groups.
[<RequireQualifiedAccess>]
module GroupedSums =

    let private symmetric seed site d (norm: float) =
        let g = Linear.gaussians seed site (d * d)

        let raw = Matrix.Create(d, d, (fun r c -> 0.5 * (g[r * d + c] + g[c * d + r])))

        LinearAlgebra.Scale(norm / Decompositions.SpectralNorm raw, raw)

    /// The part of a symmetric matrix with negative eigenvalues, negated.
    let private negativePart (a: Matrix) =
        let eigen = Decompositions.SymmetricEigen a

        LinearAlgebra.FromSpectrum(
            eigen.Vectors,
            ReadOnlySpan(eigen.Values |> Seq.map (fun v -> max -v 0.0) |> Array.ofSeq)
        )

    /// f_1, g_1, E_f = f − f_1, E_g = g − g_1 with only h convex.
    let private plain (spec: GroupedSpec) =
        let d = spec.Dimension

        let spectrum =
            if d = 1 then
                [| spec.Mu |]
            else
                Linear.geometric spec.Mu spec.Smoothness d

        let half =
            LinearAlgebra.Scale(0.5, LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed 20 d, ReadOnlySpan spectrum))

        let split = symmetric spec.Seed 21 d (0.3 * spec.Smoothness)

        let ef, eg =
            symmetric spec.Seed 22 d spec.DeltaF, symmetric spec.Seed 23 d spec.DeltaG

        LinearAlgebra.Subtract(LinearAlgebra.Add(half, split), ef),
        LinearAlgebra.Subtract(LinearAlgebra.Subtract(half, split), eg),
        ef,
        eg

    /// The same with everything convex: beside μI all vanish in one direction, and f_1, g_1 hold what the differences lack.
    let private convex (spec: GroupedSpec) =
        let d = spec.Dimension
        let frame = Linear.rotation spec.Seed 20 d

        let embedded (a: Matrix) =
            let wide =
                Matrix.Create(d, d, (fun i j -> if i = 0 || j = 0 then 0.0 else a[i - 1, j - 1]))

            LinearAlgebra.Symmetrise(LinearAlgebra.Multiply(LinearAlgebra.Multiply(frame, wide), frame.Transpose()))

        let random site =
            // Half of the directions stay flat.
            let spectrum =
                Array.init (d - 1) (fun j ->
                    if j % 2 = 0 then
                        0.0
                    else
                        spec.Smoothness * float j / float d)

            LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed site (d - 1), ReadOnlySpan spectrum)

        let ef, eg =
            symmetric spec.Seed 22 (d - 1) spec.DeltaF, symmetric spec.Seed 23 (d - 1) spec.DeltaG

        let f = embedded (LinearAlgebra.Add(random 24, negativePart ef))
        let g = embedded (LinearAlgebra.Add(random 25, negativePart eg))
        LinearAlgebra.Combine(1.0, f, spec.Mu, Matrix.Identity d), g, embedded ef, embedded eg

    /// The quadratics of a specification: three clients in the first group, two in the second.
    let quadratic (spec: GroupedSpec) : GroupedQuadratic =
        if
            spec.Dimension < (if spec.Convex then 2 else 1)
            || not (spec.Mu > 0.0 && spec.DeltaF >= 0.0 && spec.DeltaG >= 0.0)
        then
            invalidArg
                (nameof spec)
                $"Two groups need μ > 0, δ_f, δ_g ≥ 0 and d ≥ 1 (2 when convex); got {spec.Mu}, {spec.DeltaF}, {spec.DeltaG}, {spec.Dimension}."

        let f1, g1, ef, eg = if spec.Convex then convex spec else plain spec

        // The server's function and others whose mean is f.
        let group clients (server: Matrix) (apart: Matrix) =
            Array.init clients (fun i ->
                if i = 0 then
                    server
                else
                    LinearAlgebra.Combine(1.0, server, 1.0 + 1.0 / float (clients - 1), apart))

        let offsets clients site =
            Array.init clients (fun i ->
                Linear.gaussians spec.Seed (site + i) spec.Dimension
                |> Array.map ((*) spec.Spread))

        GroupedQuadratic(
            $"two groups, d = {spec.Dimension}, μ = {spec.Mu:G3}, δ_f = {spec.DeltaF:G3}, δ_g = {spec.DeltaG:G3}",
            group 3 f1 ef,
            group 2 g1 eg,
            offsets 3 30,
            offsets 2 40
        )

    /// Specifications in which only h is convex, with the ratios δ_g/δ_f of 1.5, 3 and 10.
    let generator maxDimension : FsCheck.Gen<GroupedSpec> =
        gen {
            let! dimension = Gen.choose (1, maxDimension)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! deltaF = Gen.elements [ 0.1; 0.3; 1.0 ]
            let! times = Gen.elements [ 1.5; 3.0; 10.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                Smoothness = 5.0
                DeltaF = deltaF
                DeltaG = times * deltaF
                Convex = false
                Spread = 1.0
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: GroupedSpec) : GroupedSpec seq =
        seq {
            if spec.Dimension > (if spec.Convex then 2 else 1) then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances maxDimension : Instances<GroupedSpec> =
        Instances.generated (generator maxDimension) shrink
