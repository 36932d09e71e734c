namespace Theory.Problems

open System
open System.Collections.Concurrent
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// min r(x) = p(x) + q(x) with r strongly convex, p L_p-smooth and perhaps nonconvex, q convex and L_q-smooth. In
/// distributed optimisation under similarity r = (1/n) Σ f_i, q is the server's own function and p = r − q is what must be
/// asked of the workers; L_p is then the similarity constant δ.
type ISplit =
    inherit IObjective
    /// ∇p(x).
    abstract GradientP: Block -> Block
    /// ∇q(x).
    abstract GradientQ: Block -> Block
    /// argmin_y q(y) + ‖y − x‖²/(2θ), solved exactly. The server's problem argmin ⟨g, y⟩ + ‖y − c‖²/(2θ) + q(y) is this at
    /// x = c − θg; with a gradient e left over, at x = c − θ(g − e).
    abstract ProxQ: theta: float -> x: Block -> Block
    /// L_p, from either side: ‖∇p(x) − ∇p(y)‖ ≤ L_p‖x − y‖.
    abstract SmoothnessP: float
    /// L_q.
    abstract SmoothnessQ: float

/// A split whose r is a finite sum over clients that can be asked one by one; the server's q need not be one of them.
type IClientSplit =
    inherit IFiniteSum
    inherit ISplit

/// R(z) = P(z) + Q(z) = 0 with R monotone, P L_p-Lipschitz and Q monotone and L_q-Lipschitz.
type ISplitOperator =
    inherit IOperator
    /// P(z).
    abstract P: Block -> Block
    /// Q(z).
    abstract Q: Block -> Block
    /// The root u of Q(u) + (u − z)/θ, found exactly.
    abstract Resolvent: theta: float -> z: Block -> Block
    /// L_p.
    abstract LipschitzP: float
    /// L_q.
    abstract LipschitzQ: float

/// (I + θA)⁻¹ for one A and the few θ that a method uses, each computed once.
[<Sealed>]
type internal Resolvents(a: Matrix) =
    let known = ConcurrentDictionary<float, Matrix>()
    let identity = Matrix.Identity a.Rows

    /// (I + θA)⁻¹.
    member _.At(theta: float) : Matrix =
        known.GetOrAdd(theta, (fun t -> Decompositions.Solve(LinearAlgebra.Combine(1.0, identity, t, a), identity)))

/// Quadratic p and q around the minimiser of their sum: with e = x − x*, p = ½eᵀH_p e + ⟨c, e⟩ and
/// q = ½eᵀH_q e − ⟨c, e⟩. H_q and H_p + H_q must be positive semidefinite.
[<Sealed>]
type QuadraticSplit(name: string, hp: Matrix, hq: Matrix, minimiser: float[], tilt: float[]) =
    let d = hp.Rows

    do
        if
            hp.Columns <> d
            || hq.Rows <> d
            || hq.Columns <> d
            || minimiser.Length <> d
            || tilt.Length <> d
        then
            invalidArg
                (nameof hq)
                $"A split needs two square matrices of one size and vectors of it; got {hp.Rows}×{hp.Columns}, {hq.Rows}×{hq.Columns}, {minimiser.Length}, {tilt.Length}."

    let h = LinearAlgebra.Add(hp, hq)
    let ends (m: Matrix) = Decompositions.SymmetricEigen(m).Values
    let spectrum, own, server = ends h, ends hp, ends hq
    let smoothness = spectrum[d - 1]
    let lp = max (abs own[0]) (abs own[d - 1])
    let lq = max server[d - 1] 0.0

    do
        if
            server[0] < -1e-10 * (lq + lp + 1e-300)
            || spectrum[0] < -1e-10 * (smoothness + lp + 1e-300)
        then
            invalidArg
                (nameof hq)
                $"q and p + q must be convex; the smallest eigenvalues are {server[0]:G6} and {spectrum[0]:G6}."

    let point = Block.vector minimiser
    let slope = Block.vector tilt
    let resolvents = Resolvents hq
    let mu = max spectrum[0] 0.0

    /// H_p.
    member _.HessianP = hp
    /// H_q.
    member _.HessianQ = hq
    /// H_p + H_q.
    member _.Sum = h
    /// ∇p(x*) = −∇q(x*).
    member _.Tilt = tilt

    interface ISplit with
        member _.GradientP x = (x - point).Apply hp + slope
        member _.GradientQ x = (x - point).Apply hq - slope

        member _.ProxQ theta x =
            // (I + θH_q)(y − x*) = x − x* + θc.
            point + (x - point + theta * slope).Apply(resolvents.At theta)

        member _.SmoothnessP = lp
        member _.SmoothnessQ = lq

    interface IObjective with
        member _.Value x =
            let e = x - point
            0.5 * Block.dot e (e.Apply h)

        member _.Gradient x = (x - point).Apply h
        member _.Minimiser = point
        member _.Infimum = 0.0
        member _.Smoothness = smoothness
        member _.StrongConvexity = mu

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants =
            // Relative to the sizes of both matrices: μ, L_p or L_q may vanish.
            let size = lp + lq

            [
                Constant.exact
                    "L + L_p + L_q"
                    "largest eigenvalue of H_p + H_q, and sizes"
                    (smoothness + size)
                    (fun () -> Linear.largestByBisection h + size)
                Constant.exact "mu + L_p + L_q" "least eigenvalue of H_p + H_q, and sizes" (mu + size) (fun () ->
                    max (Linear.smallestByBisection h) 0.0 + size)
                Constant.exact "L_p + L_q" "largest |eigenvalue| of H_p and of H_q" size (fun () ->
                    Linear.spectralRadiusByBisection hp + max (Linear.largestByBisection hq) 0.0)
            ]

/// Affine P and Q around the solution of their sum: P(z) = A_P(z − z*) + c, Q(z) = A_Q(z − z*) − c. The symmetric parts of
/// A_Q and A_P + A_Q must be positive semidefinite.
[<Sealed>]
type AffineSplit(name: string, ap: Matrix, aq: Matrix, solution: float[], tilt: float[]) =
    let d = ap.Rows
    let sum = LinearAlgebra.Add(ap, aq)

    let least (m: Matrix) =
        Decompositions.SymmetricEigen(LinearAlgebra.Symmetrise m).Values[0]

    let lp, lq, l =
        Decompositions.SpectralNorm ap, Decompositions.SpectralNorm aq, Decompositions.SpectralNorm sum

    do
        if min (least aq) (least sum) < -1e-10 * (lp + lq + 1e-300) then
            invalidArg
                (nameof aq)
                $"Q and P + Q must be monotone; their symmetric parts' smallest eigenvalues are {least aq:G6} and {least sum:G6}."

    let mu = max (least sum) 0.0
    let point = Block.vector solution
    let slope = Block.vector tilt
    let resolvents = Resolvents aq

    /// A_P.
    member _.MatrixP = ap
    /// A_Q.
    member _.MatrixQ = aq
    /// A_P + A_Q.
    member _.Sum = sum

    interface ISplitOperator with
        member _.P z = (z - point).Apply ap + slope
        member _.Q z = (z - point).Apply aq - slope

        member _.Resolvent theta z =
            point + (z - point + theta * slope).Apply(resolvents.At theta)

        member _.LipschitzP = lp
        member _.LipschitzQ = lq

    interface IOperator with
        member _.Operator z = (z - point).Apply sum
        member _.Solution = point
        member _.Lipschitz = l
        member _.Monotonicity = mu

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member _.Constants =
            let size = lp + lq

            let norm (m: Matrix) =
                sqrt (max (Linear.largestByBisection (LinearAlgebra.Multiply(m.Transpose(), m))) 0.0)

            [
                Constant.exact "L_p + L_q" "largest singular values of A_P and A_Q" size (fun () -> norm ap + norm aq)
                Constant.exact "L + L_p + L_q" "largest singular value of the sum, and sizes" (l + size) (fun () ->
                    norm sum + size)
                Constant.exact
                    "mu + L_p + L_q"
                    "least eigenvalue of the symmetric part of the sum, and sizes"
                    (mu + size)
                    (fun () -> max (Linear.smallestByBisection (LinearAlgebra.Symmetrise sum)) 0.0 + size)
            ]

/// A split by a few numbers.
[<NoComparison>]
type SplitSpec = {
    /// d ≥ 1.
    Dimension: int
    /// Least eigenvalue of H_p + H_q; 0 is allowed.
    Mu: float
    /// ‖H_p‖, larger where r would else have more than μ; for operators ‖A_P‖ likewise.
    SmoothnessP: float
    /// Largest eigenvalue of H_q before it is shifted; for operators the size of Q's skew part too.
    SmoothnessQ: float
    /// Diagonal H_p and H_q, H_p's eigenvalues a grid on [−L_p, L_p]: d problems of one dimension at once.
    Commuting: bool
    /// Scale of the solution and of ∇p there.
    Spread: float
    Seed: int
}

/// Builders of splits.
[<RequireQualifiedAccess>]
module Splits =

    let private check (spec: SplitSpec) =
        if
            spec.Dimension < 1
            || not (spec.Mu >= 0.0 && spec.SmoothnessP >= 0.0 && spec.SmoothnessQ >= 0.0)
        then
            invalidArg
                (nameof spec)
                $"A split needs d ≥ 1 and μ, L_p, L_q ≥ 0; got {spec.Dimension}, {spec.Mu}, {spec.SmoothnessP}, {spec.SmoothnessQ}."

    let private vector (spec: SplitSpec) site =
        Linear.gaussians spec.Seed site spec.Dimension |> Array.map ((*) spec.Spread)

    let private scaled (size: float) (norm: float) (m: Matrix) =
        LinearAlgebra.Scale((if norm = 0.0 then 0.0 else size / norm), m)

    let private gaussian (spec: SplitSpec) site =
        Matrix(spec.Dimension, spec.Dimension, Linear.gaussians spec.Seed site (spec.Dimension * spec.Dimension))

    /// Adds a multiple of I to q's matrix where the sum has less than μ; takes one from p's where it has more, so that q
    /// stays convex.
    let private shifted mu (p: Matrix) (q: Matrix) =
        let sum = LinearAlgebra.Symmetrise(LinearAlgebra.Add(p, q))
        let excess = Decompositions.SymmetricEigen(sum).Values[0] - mu

        let less (m: Matrix) c =
            LinearAlgebra.Combine(1.0, m, -c, Matrix.Identity m.Rows)

        if excess > 0.0 then less p excess, q else p, less q excess

    /// Eigenvalues of H_p on a grid and of H_q from what μ needs up to L_q above it; every second direction needs no more
    /// than μ.
    let private diagonals (spec: SplitSpec) =
        let d = spec.Dimension

        let p =
            Array.init d (fun j ->
                if d = 1 then
                    -spec.SmoothnessP
                else
                    spec.SmoothnessP * (2.0 * float j / float (d - 1) - 1.0))

        let extra = Linear.geometric (1e-3 * spec.SmoothnessQ) spec.SmoothnessQ d

        let q =
            Array.init d (fun j -> max 0.0 (spec.Mu - p[j]) + (if j % 2 = 0 then 0.0 else extra[j]))

        LinearAlgebra.Diagonal p, LinearAlgebra.Diagonal q

    let private matrices (spec: SplitSpec) =
        if spec.Commuting then
            diagonals spec
        else
            let raw = LinearAlgebra.Symmetrise(gaussian spec 0)
            let p = scaled spec.SmoothnessP (Decompositions.SpectralNorm raw) raw
            let d = spec.Dimension
            // One direction in which q is flat.
            let spectrum =
                Array.init d (fun j ->
                    if j = 0 then
                        0.0
                    else
                        spec.SmoothnessQ * float j / float (d - 1))

            shifted spec.Mu p (LinearAlgebra.FromSpectrum(Linear.rotation spec.Seed 1 d, ReadOnlySpan spectrum))

    /// The quadratic split of a specification: λmin(H_p + H_q) = μ (at least μ where the matrices commute).
    let quadratic (spec: SplitSpec) : QuadraticSplit =
        check spec
        let p, q = matrices spec

        QuadraticSplit(
            $"split quadratic, d = {spec.Dimension}, μ = {spec.Mu:G3}, L_p ≈ {spec.SmoothnessP:G3}, L_q ≈ {spec.SmoothnessQ:G3}",
            p,
            q,
            vector spec 2,
            vector spec 3
        )

    /// The affine split of a specification: P random of norm L_p, Q a skew part and a singular positive semidefinite one, μ
    /// exact.
    let affine (spec: SplitSpec) : AffineSplit =
        check spec
        let raw = gaussian spec 10
        let p = scaled spec.SmoothnessP (Decompositions.SpectralNorm raw) raw
        let d = spec.Dimension
        let g = gaussian spec 11

        let skew =
            let s = LinearAlgebra.Subtract(g, g.Transpose())
            scaled spec.SmoothnessQ (Decompositions.SpectralNorm s) s

        let flat =
            LinearAlgebra.FromSpectrum(
                Linear.rotation spec.Seed 12 d,
                ReadOnlySpan(Array.init d (fun j -> if j = 0 then 0.0 else 0.3 * spec.SmoothnessQ))
            )

        let p, q = shifted spec.Mu p (LinearAlgebra.Add(skew, flat))

        AffineSplit(
            $"split operator, d = {d}, μ = {spec.Mu:G3}, L_p ≈ {spec.SmoothnessP:G3}, L_q ≈ {spec.SmoothnessQ:G3}",
            p,
            q,
            vector spec 13,
            vector spec 14
        )

    /// Specifications up to a dimension; `mus` to choose μ from.
    let generator (mus: float list) maxDimension : FsCheck.Gen<SplitSpec> =
        gen {
            let! dimension = Gen.choose (1, maxDimension)
            let! mu = Gen.elements mus
            let! lp = Gen.elements [ 0.3; 1.0; 3.0 ]
            let! lq = Gen.elements [ 0.0; 1.0; 30.0; 1000.0 ]
            let! commuting = Gen.elements [ true; false ]
            let! spread = Gen.elements [ 0.0; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                SmoothnessP = lp
                SmoothnessQ = lq
                Commuting = commuting
                Spread = spread
                Seed = seed
            }
        }

    /// Smaller specifications.
    let shrink (spec: SplitSpec) : SplitSpec seq =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.SmoothnessQ > 1.0 then
                { spec with SmoothnessQ = 1.0 }

            if spec.Spread > 0.0 then
                { spec with Spread = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances (mus: float list) maxDimension : Instances<SplitSpec> =
        Instances.generated (generator mus maxDimension) shrink
