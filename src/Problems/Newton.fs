namespace Theory.Problems

open System
open Theory.Numerics

/// f(x) = Σ_j w_j φ_{b_j}(a_jᵀx) + (λ/2)‖x‖² on the host, with Σ w_j = 1.
[<NoEquality; NoComparison>]
type RiskFunction = {
    Rows: Design
    /// b_j; empty when the loss has none.
    Targets: float[]
    Weights: float[]
    Loss: Loss
    Lambda: float
}

/// Where Newton's method ended.
[<NoComparison; NoEquality>]
type NewtonResult = {
    Point: float[]
    /// The margins a_jᵀx at the point.
    Margins: float[]
    /// ‖∇f‖ there, as computed in double precision.
    GradientNorm: float
    /// Newton steps taken.
    Iterations: int
}

/// Damped Newton's method for empirical risks: deterministic, one thread.
[<RequireQualifiedAccess>]
module Newton =

    /// A Hessian of d² numbers is formed; beyond this it is too large.
    let private largestDimension = 8192

    /// Fewer would do from every start: quadratic convergence follows a few damped steps.
    let private mostSteps = 200

    /// Σ values with the rounding errors carried along (Neumaier).
    let compensatedSum (values: float[]) : float =
        let mutable sum = 0.0
        let mutable lost = 0.0

        for v in values do
            let next = sum + v

            lost <-
                lost
                + (if abs sum >= abs v then
                       (sum - next) + v
                   else
                       (v - next) + sum)

            sum <- next

        sum + lost

    let private target (f: RiskFunction) j =
        if f.Loss.UsesTargets then f.Targets[j] else 0.0

    let private weighted (f: RiskFunction) (term: float -> float -> float) (margins: float[]) =
        margins |> Array.mapi (fun j u -> f.Weights[j] * term (target f j) u)

    let private squares (x: float[]) = x |> Array.sumBy (fun v -> v * v)

    /// f at x with margins u.
    let valueAt (f: RiskFunction) (x: float[]) (u: float[]) : float =
        compensatedSum (weighted f f.Loss.Value u) + 0.5 * f.Lambda * squares x

    /// ∇f at x with margins u.
    let gradientAt (f: RiskFunction) (x: float[]) (u: float[]) : float[] =
        Array.map2 (fun g v -> g + f.Lambda * v) (Design.combine f.Rows (weighted f f.Loss.Slope u)) x

    /// ∇²f at margins u.
    let hessianAt (f: RiskFunction) (u: float[]) : Matrix =
        let gram = Design.gram 0 f.Rows.Rows (weighted f f.Loss.Bend u) f.Rows
        Matrix.Create(gram.Rows, gram.Rows, (fun i j -> gram[i, j] + (if i = j then f.Lambda else 0.0)))

    /// The value of Fenchel's dual at slopes s_j = φ'(u_j): −Σ w_j φ*(s_j) − ‖Σ w_j s_j a_j‖²/(2λ), at most inf f, and
    /// equal to it at the minimiser. (For λ = 0 the last term is the constraint Σ w_j s_j a_j = 0.)
    let dualValue (f: RiskFunction) (u: float[]) : float =
        let slopes = u |> Array.mapi (fun j v -> f.Loss.Slope (target f j) v)

        let conjugates =
            slopes |> Array.mapi (fun j s -> f.Weights[j] * f.Loss.Conjugate (target f j) s)

        let force = Design.combine f.Rows (Array.map2 (*) f.Weights slopes)

        let penalty =
            if f.Lambda > 0.0 then
                squares force / (2.0 * f.Lambda)
            else
                0.0

        -(compensatedSum conjugates) - penalty

    /// Solves H·p = −g for positive definite H.
    let private direction (h: Matrix) (g: float[]) : float[] =
        let d = g.Length
        let l = Decompositions.Cholesky h
        let y = Array.zeroCreate d

        for i in 0 .. d - 1 do
            let mutable sum = -g[i]

            for k in 0 .. i - 1 do
                sum <- sum - l[i, k] * y[k]

            y[i] <- sum / l[i, i]

        for i in d - 1 .. -1 .. 0 do
            let mutable sum = y[i]

            for k in i + 1 .. d - 1 do
                sum <- sum - l[k, i] * y[k]

            y[i] <- sum / l[i, i]

        y

    /// Longest step 1, ½, ¼, … that decreases f by a ten-thousandth of what its slope promises; None where that decrease
    /// drowns in rounding (there the quadratic model is exact and the full step is right).
    let private stepLength f (x: float[]) (u: float[]) (p: float[]) (q: float[]) slope =
        let here = valueAt f x u
        let along t (a: float[]) b = Array.map2 (fun v w -> v + t * w) a b

        let rec shorten t rounds =
            if rounds = 0 || valueAt f (along t x p) (along t u q) <= here + 1e-4 * t * slope then
                t
            else
                shorten (0.5 * t) (rounds - 1)

        if -slope <= 1e-12 * (abs here + 1e-300) then
            None
        else
            Some(shorten 1.0 40)

    /// The minimiser of f (λ > 0), from 0: until the gradient no longer shrinks, which is at rounding.
    let minimise (f: RiskFunction) : NewtonResult =
        let d = f.Rows.Columns

        if d > largestDimension then
            invalidArg
                (nameof f)
                $"Newton's method forms a {d}×{d} Hessian; dimensions up to {largestDimension} are supported."

        let at x iterations =
            let u = Design.multiply f.Rows x
            let g = gradientAt f x u

            let result = {
                Point = x
                Margins = u
                GradientNorm = LinearAlgebra.Norm(ReadOnlySpan g)
                Iterations = iterations
            }

            result, g

        let rec iterate (state: NewtonResult) (g: float[]) =
            if state.GradientNorm = 0.0 || state.Iterations = mostSteps then
                state
            else
                let p = direction (hessianAt f state.Margins) g
                let slope = LinearAlgebra.Dot(ReadOnlySpan g, ReadOnlySpan p)

                let searched =
                    stepLength f state.Point state.Margins p (Design.multiply f.Rows p) slope

                let t = searched |> Option.defaultValue 1.0

                let next, h =
                    at (Array.map2 (fun v w -> v + t * w) state.Point p) (state.Iterations + 1)

                // There, a step that does not halve the gradient only stirs rounding errors.
                if searched.IsNone && next.GradientNorm > 0.5 * state.GradientNorm then
                    (if next.GradientNorm < state.GradientNorm then
                         next
                     else
                         state)
                else
                    iterate next h

        let start, g = at (Array.zeroCreate d) 0
        iterate start g
