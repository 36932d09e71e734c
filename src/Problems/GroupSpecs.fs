namespace Theory.Problems

open FsCheck.FSharp
open Theory
open Theory.Numerics

/// Sines by a few numbers: L_m(θ) = sin⟨a_m, θ⟩ + c_m.
[<NoComparison>]
type SineSpec = {
    /// M ≥ 1.
    Groups: int
    /// d ≥ 1.
    Dimension: int
    /// Scale of the a_m.
    Slope: float
    /// True: a_m = ±a with alternating signs and one length; false: independent Gaussian directions.
    Opposite: bool
    /// Scale of the c_m.
    Level: float
    /// π̂_1; the other groups share the rest. 0 for the uniform prior.
    First: float
    Lambda: float
    Seed: int
}

/// Quadratics of groups by a few numbers: L_m(θ) = ½‖B_m θ − b_m‖².
[<NoComparison>]
type GroupSpec = {
    /// "random": Gaussian B_m and b_m; "equal": the same for every group; "parabolas": ½(θ_1 − m·Offset)² in one dimension.
    Kind: string
    /// M ≥ 1.
    Groups: int
    /// d ≥ 1.
    Dimension: int
    /// Rows of B_m.
    Rows: int
    /// Scale of the b_m.
    Offset: float
    /// π̂_1; the other groups share the rest. 0 for the uniform prior.
    First: float
    Lambda: float
    /// Radius of the ball on which gradients are bounded.
    Radius: float
    Seed: int
}

/// A linear physics-informed problem by a few numbers: u″ = f on (0, 1) with u(0), u(1) given,
/// u(x) = Σ θ_k sin(kπx)/(kπ)² + θ' x [+ θ''], by collocation. Groups: two halves of the interval and two ends.
[<NoComparison>]
type PoissonSpec = {
    /// Number of sines.
    Modes: int
    /// 1 for x, 2 for x and 1.
    Linear: int
    /// Collocation points in each half of the interval.
    Points: int
    /// Scale of f and of the boundary values.
    Force: float
    /// π̂_1; the other groups share the rest. 0 for the uniform prior.
    First: float
    Lambda: float
    Radius: float
    Seed: int
}

/// Builders of group saddle problems.
[<RequireQualifiedAccess>]
module Groups =

    let private smaller (spec: 'T) (candidates: (bool * 'T) list) : 'T seq =
        candidates
        |> Seq.filter fst
        |> Seq.map snd
        |> Seq.filter (fun c -> not (obj.Equals(c, spec)))

    /// The sines of a specification.
    let sines (spec: SineSpec) : SineGroups =
        let raw m =
            Linear.gaussians spec.Seed (300 + m) spec.Dimension

        let slopes =
            Array.init spec.Groups (fun m ->
                if spec.Opposite then
                    let a = raw 0
                    let norm = sqrt (a |> Array.sumBy (fun v -> v * v))
                    let sign = if m % 2 = 0 then 1.0 else -1.0
                    a |> Array.map (fun v -> sign * spec.Slope * v / norm)
                else
                    raw m |> Array.map ((*) spec.Slope))

        let levels =
            Linear.gaussians spec.Seed 400 spec.Groups |> Array.map ((*) spec.Level)

        SineGroups(
            $"{spec.Groups} sines in dimension {spec.Dimension}, λ = {spec.Lambda:G3}",
            slopes,
            levels,
            GroupSaddle.prior spec.Groups spec.First,
            spec.Lambda
        )

    /// The quadratics of a specification.
    let quadratics (spec: GroupSpec) : QuadraticGroups =
        let d, r = spec.Dimension, spec.Rows

        let matrix m =
            Matrix(
                r,
                d,
                Linear.gaussians spec.Seed (500 + m) (r * d)
                |> Array.map (fun v -> v / sqrt (float r))
            )

        let target m =
            Linear.gaussians spec.Seed (600 + m) r |> Array.map ((*) spec.Offset)

        let matrices, targets =
            match spec.Kind with
            | "random" -> Array.init spec.Groups matrix, Array.init spec.Groups target
            | "equal" -> Array.init spec.Groups (fun _ -> matrix 0), Array.init spec.Groups (fun _ -> target 0)
            | "parabolas" ->
                Array.init spec.Groups (fun _ -> Matrix.Identity 1),
                Array.init spec.Groups (fun m -> [| float m * spec.Offset |])
            | other -> invalidArg (nameof spec) $"Groups are random, equal or parabolas, not '{other}'."

        QuadraticGroups(
            $"{spec.Groups} groups of quadratics ({spec.Kind}), λ = {spec.Lambda:G3}",
            matrices,
            targets,
            GroupSaddle.prior spec.Groups spec.First,
            spec.Lambda,
            spec.Radius
        )

    /// The Poisson problem of a specification: residuals in the two halves, boundary values at 0 and 1.
    let poisson (spec: PoissonSpec) : QuadraticGroups =
        let d = spec.Modes + spec.Linear
        let force = Linear.gaussians spec.Seed 700 (spec.Modes + 2)
        let ends = Linear.gaussians spec.Seed 701 2

        let sine k x = sin (float k * System.Math.PI * x)

        // f has one mode more than u can follow, and a constant.
        let f x =
            spec.Force
            * (force[0]
               + Seq.sum (Seq.init (spec.Modes + 1) (fun k -> force[k + 1] * sine (k + 1) x)))

        let total = 2 * spec.Points

        let point half i =
            (float (half * spec.Points + i) + 0.5) / float total

        let weight = 1.0 / sqrt (float spec.Points)
        // The sines are scaled to φ_k″ = −sin(kπx); the linear part has no second derivative.
        let residual half =
            Matrix.Create(
                spec.Points,
                d,
                fun i j ->
                    if j < spec.Modes then
                        -weight * sine (j + 1) (point half i)
                    else
                        0.0
            )

        // All sines vanish at both ends. Rows of zeros fill up.
        let boundary x =
            Matrix.Create(
                spec.Points,
                d,
                fun i j ->
                    if i > 0 || j < spec.Modes then 0.0
                    elif j = spec.Modes then x
                    else 1.0
            )

        let padded v =
            Array.init spec.Points (fun i -> if i = 0 then v else 0.0)

        QuadraticGroups(
            $"Poisson problem by collocation, {spec.Modes} sines, λ = {spec.Lambda:G3}",
            [| residual 0; residual 1; boundary 0.0; boundary 1.0 |],
            [|
                Array.init spec.Points (fun i -> weight * f (point 0 i))
                Array.init spec.Points (fun i -> weight * f (point 1 i))
                padded (spec.Force * ends[0])
                padded (spec.Force * ends[1])
            |],
            GroupSaddle.prior 4 spec.First,
            spec.Lambda,
            spec.Radius
        )

    /// Sines with up to so many groups and dimensions.
    let sineInstances maxGroups maxDimension : Instances<SineSpec> =
        let generator =
            gen {
                let! groups = Gen.choose (2, maxGroups)
                let! dimension = Gen.choose (1, maxDimension)
                let! slope = Gen.elements [ 0.5; 1.0; 2.0 ]
                let! opposite = Gen.elements [ false; false; true ]
                let! level = Gen.elements [ 0.0; 0.3; 1.0 ]
                let! first = Gen.elements [ 0.0; 0.1; 0.8 ]
                let! lambda = Gen.elements [ 0.05; 0.3; 1.0; 3.0 ]
                let! seed = Gen.choose (0, 10000)

                return {
                    Groups = groups
                    Dimension = dimension
                    Slope = slope
                    Opposite = opposite
                    Level = level
                    First = first
                    Lambda = lambda
                    Seed = seed
                }
            }

        Instances.generated generator (fun spec ->
            smaller spec [
                spec.Groups > 2, { spec with Groups = spec.Groups - 1 }
                spec.Dimension > 1,
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }
                true, { spec with Level = 0.0 }
                true, { spec with First = 0.0 }
                true, { spec with Lambda = 1.0 }
                true, { spec with Seed = spec.Seed / 2 }
            ])

    /// Random quadratics with up to so many groups and dimensions, every sum of groups positive definite.
    let quadraticInstances maxGroups maxDimension : Instances<GroupSpec> =
        let generator =
            gen {
                let! groups = Gen.choose (2, maxGroups)
                let! dimension = Gen.choose (1, maxDimension)
                let! extra = Gen.choose (1, 2)
                let! offset = Gen.elements [ 0.3; 1.0; 2.0 ]
                let! first = Gen.elements [ 0.0; 0.1; 0.8 ]
                let! lambda = Gen.elements [ 0.05; 0.1; 0.3; 1.0 ]
                let! seed = Gen.choose (0, 10000)

                return {
                    Kind = "random"
                    Groups = groups
                    Dimension = dimension
                    Rows = dimension + extra
                    Offset = offset
                    First = first
                    Lambda = lambda
                    Radius = 3.0
                    Seed = seed
                }
            }

        Instances.generated generator (fun spec ->
            smaller spec [
                spec.Groups > 2, { spec with Groups = spec.Groups - 1 }
                spec.Dimension > 1,
                {
                    spec with
                        Dimension = spec.Dimension - 1
                        Rows = spec.Rows - 1
                }
                true, { spec with First = 0.0 }
                true, { spec with Lambda = 1.0 }
                true, { spec with Seed = spec.Seed / 2 }
            ])

    /// Poisson problems with up to so many sines.
    let poissonInstances maxModes : Instances<PoissonSpec> =
        let generator =
            gen {
                let! modes = Gen.choose (1, maxModes)
                let! linear = Gen.choose (1, 2)
                let! points = Gen.choose (2, 5)
                let! force = Gen.elements [ 0.3; 1.0 ]
                let! first = Gen.elements [ 0.0; 0.1; 0.7 ]
                let! lambda = Gen.elements [ 0.05; 0.3; 1.0 ]
                let! seed = Gen.choose (0, 10000)

                return {
                    Modes = modes
                    Linear = linear
                    Points = max points modes
                    Force = force
                    First = first
                    Lambda = lambda
                    Radius = 5.0
                    Seed = seed
                }
            }

        Instances.generated generator (fun spec ->
            smaller spec [
                spec.Modes > 1, { spec with Modes = spec.Modes - 1 }
                spec.Linear > 1, { spec with Linear = 1 }
                true, { spec with First = 0.0 }
                true, { spec with Lambda = 1.0 }
                true, { spec with Seed = spec.Seed / 2 }
            ])
