namespace Theory.Problems

open Theory
open Theory.Numerics

/// min over θ, max over weights π of Σ_m π_m L_m(θ) − λ KL(π‖π̂): losses of groups under adversarial weights that stay near
/// a prior. Groups are the workers of a block: losses, weights and their logarithms are groups × lanes × 1.
type IGroupSaddle =
    inherit IProblem
    /// M, the number of groups.
    abstract Groups: int
    /// λ > 0.
    abstract Lambda: float
    /// π̂, positive with sum 1.
    abstract Prior: float[]
    /// L_m(θ) for points 1 × lanes × d: groups × lanes × 1.
    abstract Losses: Block -> Block
    /// ∇L_m(θ) for points 1 × lanes × d: groups × lanes × d.
    abstract Gradients: Block -> Block
    /// L_1, the largest smoothness constant of the L_m.
    abstract Smoothness: float
    /// G with ‖∇L_m(θ)‖ ≤ G for every m and ‖θ‖ ≤ Radius.
    abstract GradientBound: float
    /// Radius of the ball around 0 on which G holds; infinite where it holds everywhere.
    abstract Radius: float
    /// A lower bound of Φ = max over π: the infimum itself where the saddle point is known.
    abstract Infimum: float
    /// θ* of the saddle point (1 × 1 × d), where it is unique and known.
    abstract Saddle: Block option

/// Functions of weights by their logarithms (groups × lanes × 1), and of group saddle problems.
[<RequireQualifiedAccess>]
module GroupSaddle =

    /// The largest entry over the groups: 1 × lanes × 1.
    let largest (y: Block) : Block = y.SortWorkers().Worker(y.Workers - 1)

    /// The smallest entry over the groups: 1 × lanes × 1.
    let smallest (y: Block) : Block = y.SortWorkers().Worker 0

    /// log Σ e^{y_m}, without overflow.
    let logSum (y: Block) : Block =
        let top = largest y
        top + (y - top).Exp().SumWorkers().Log()

    /// The logarithms of e^y / Σ e^y.
    let normalise (y: Block) : Block = y - logSum y

    /// log π̂.
    let logPrior (f: IGroupSaddle) : Block =
        Block.ofWorkers (f.Prior |> Array.map (fun p -> [| log p |]))

    /// log π*(θ), π* ∝ π̂ e^{L/λ}: the logarithms of the weights that maximise at θ.
    let best (f: IGroupSaddle) (theta: Block) : Block =
        normalise (logPrior f + f.Losses theta / f.Lambda)

    /// Φ(θ) = λ log Σ π̂_m e^{L_m(θ)/λ}, the maximum over π.
    let value (f: IGroupSaddle) (theta: Block) : Block =
        f.Lambda * logSum (logPrior f + f.Losses theta / f.Lambda)

    /// Σ_m π_m ∇L_m(θ) for weights given by their logarithms.
    let weighted (f: IGroupSaddle) (logs: Block) (theta: Block) : Block =
        (logs.Exp() * f.Gradients theta).SumWorkers()

    /// ∇Φ(θ) = Σ π*_m(θ) ∇L_m(θ).
    let gradient (f: IGroupSaddle) (theta: Block) : Block = weighted f (best f theta) theta

    /// L_1 + G²/λ, a smoothness constant of Φ where G holds.
    let smoothness (f: IGroupSaddle) : float =
        f.Smoothness + f.GradientBound ** 2.0 / f.Lambda

    /// A prior with weight `first` on the first group and the rest shared equally; uniform for first = 0 or one group.
    let prior (groups: int) (first: float) : float[] =
        if first = 0.0 || groups = 1 then
            Array.create groups (1.0 / float groups)
        else
            Array.init groups (fun m -> if m = 0 then first else (1.0 - first) / float (groups - 1))

/// L_m(θ) = sin⟨a_m, θ⟩ + c_m: nonconvex with bounded gradients, G = max ‖a_m‖ and L_1 = max ‖a_m‖² (both attained).
[<Sealed>]
type SineGroups(name: string, slopes: float[][], levels: float[], prior: float[], lambda: float) =
    let d = slopes[0].Length
    let rows = slopes |> Array.map (fun a -> Matrix(1, d, a))
    let directions = Block.ofWorkers slopes
    let shifts = Block.ofWorkers (levels |> Array.map (fun c -> [| c |]))

    let norms = slopes |> Array.map (fun a -> sqrt (a |> Array.sumBy (fun v -> v * v)))

    let bound = Array.max norms

    // No loss is below c_m − 1, and Φ grows with every loss. Attained for linearly independent a_m.
    let lowest =
        let least = Array.map2 (fun p c -> log p + (c - 1.0) / lambda) prior levels
        let top = Array.max least
        lambda * (top + log (least |> Array.sumBy (fun v -> exp (v - top))))

    let phases (theta: Block) = theta.Apply rows

    /// The a_m.
    member _.Slopes = slopes

    interface IGroupSaddle with
        member _.Groups = slopes.Length
        member _.Lambda = lambda
        member _.Prior = prior

        member _.Losses theta =
            (phases theta).Map(fun t -> sin t) + shifts

        member _.Gradients theta =
            (phases theta).Map(fun t -> cos t) * directions

        member _.Smoothness = bound * bound
        member _.GradientBound = bound
        member _.Radius = infinity
        member _.Infimum = lowest
        member _.Saddle = None

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member this.Constants =
            // At θ = 0 every cosine is 1. Where ⟨a, θ⟩ = π/2 the slope ‖a‖ cos changes fastest along a: by ‖a‖² per unit.
            let fastest (a: float[]) =
                let n = sqrt (a |> Array.sumBy (fun v -> v * v))
                let slope t = n * cos (n * t)
                let middle, h = System.Math.PI / (2.0 * n), 1e-5 / n
                abs (slope (middle + h) - slope (middle - h)) / (2.0 * h)

            [
                Constant.exact "G" "max ‖a_m‖" bound (fun () ->
                    let f: IGroupSaddle = this
                    (f.Gradients(Block.zeros 1 1 d)).Norm().ToArray() |> Array.max)
                Constant.exact "L1" "max ‖a_m‖²" (bound * bound) (fun () -> slopes |> Array.map fastest |> Array.max)
            ]

/// L_m(θ) = ½‖B_m θ − b_m‖², all B_m of one shape (rows of zeros fill up). G holds on a ball; the saddle point is found by
/// Newton's method on Φ where Φ is strongly convex.
[<Sealed>]
type QuadraticGroups(name: string, matrices: Matrix[], targets: float[][], prior: float[], lambda: float, radius: float)
    =
    let count = matrices.Length
    let d = matrices[0].Columns
    let goals = Block.ofWorkers targets
    let transposed = matrices |> Array.map (fun b -> b.Transpose())

    let grams =
        Array.map2 (fun (t: Matrix) (b: Matrix) -> LinearAlgebra.Multiply(t, b)) transposed matrices

    let top (a: Matrix) =
        max 0.0 (Decompositions.SymmetricEigen(a).Values[d - 1])

    let curvatures = grams |> Array.map top

    let residual (theta: Block) = theta.Apply matrices - goals

    let norm (v: float[]) =
        LinearAlgebra.Norm(System.ReadOnlySpan v)

    let pulls =
        Array.map2
            (fun (t: Matrix) (b: float[]) -> norm (LinearAlgebra.Multiply(t, System.ReadOnlySpan b)))
            transposed
            targets

    // ‖A_m θ − B_mᵀb_m‖ ≤ ‖A_m‖R + ‖B_mᵀb_m‖ on the ball.
    let bound = Array.map2 (fun l p -> l * radius + p) curvatures pulls |> Array.max

    let definite =
        let least = Decompositions.SymmetricEigen(Linear.combine prior grams).Values[0]
        least > 1e-9 * Array.max curvatures

    let maximum decay = {
        Matrices = matrices
        Targets = targets
        Prior = prior
        Lambda = lambda
        Decay = decay
    }

    let saddle =
        lazy
            (if definite then
                 Some(GroupNewton.minimise (maximum 0.0))
             else
                 None)

    let lowest =
        lazy
            (match saddle.Value with
             | Some point -> GroupNewton.valueAt matrices targets prior lambda 0.0 point
             | None -> 0.0)

    /// The B_m.
    member _.Matrices = matrices
    /// The b_m.
    member _.Targets = targets

    /// The minimiser of Φ + (decay/2)‖θ‖².
    member _.Regularised(decay: float) : float[] = GroupNewton.minimise (maximum decay)

    /// Least and largest eigenvalue of the Hessian of Φ + (decay/2)‖θ‖² at its minimiser.
    member this.Spectrum(decay: float) : float * float =
        GroupNewton.spectrumAt (maximum decay) (this.Regularised decay)

    /// The minimiser of the prior's mean Σ π̂_m L_m.
    member _.PriorMinimiser: float[] =
        let force =
            Array.map2
                (fun (t: Matrix) (b: float[]) -> LinearAlgebra.Multiply(t, System.ReadOnlySpan b))
                transposed
                targets

        let right =
            Matrix.Create(d, 1, (fun i _ -> Array.map2 (fun p (v: float[]) -> p * v[i]) prior force |> Array.sum))

        Decompositions.Solve(Linear.combine prior grams, right).Values.ToArray()

    interface IGroupSaddle with
        member _.Groups = count
        member _.Lambda = lambda
        member _.Prior = prior

        member _.Losses theta =
            0.5 * Block.normSquared (residual theta)

        member _.Gradients theta = (residual theta).Apply transposed
        member _.Smoothness = Array.max curvatures
        member _.GradientBound = bound
        member _.Radius = radius
        member _.Infimum = lowest.Value
        member _.Saddle = saddle.Value |> Option.map Block.vector

    interface IProblem with
        member _.Name = name
        member _.Dimension = d

        member this.Constants = [
            Constant.exact "L1" "largest eigenvalue of the B_mᵀB_m" (Array.max curvatures) (fun () ->
                grams |> Array.map Linear.largestByBisection |> Array.max)
            Constant.upper "G" "‖B_mᵀB_m‖R + ‖B_mᵀb_m‖ on the ball" bound (fun () ->
                let raw = Linear.gaussians 7 3 (64 * d) |> Array.chunkBySize d

                let points =
                    raw
                    |> Array.map (fun v ->
                        let n = norm v
                        v |> Array.map (fun x -> radius * x / n))

                ((this :> IGroupSaddle).Gradients(Block.ofRows points)).Norm().ToArray()
                |> Array.max)
        ]
