namespace Theory.Problems

open System.Collections.Concurrent
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
