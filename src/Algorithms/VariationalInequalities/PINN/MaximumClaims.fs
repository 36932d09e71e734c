/// The maximum over weights Φ, and how its weights move with θ.
module Theory.Algorithms.VariationalInequalities.PINNMaximum

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

let private standard: SineSpec = {
    Groups = 3
    Dimension = 2
    Slope = 1.0
    Opposite = false
    Level = 0.3
    First = 0.0
    Lambda = 0.3
    Seed = 1
}

let private prior (f: IGroupSaddle) =
    Block.ofWorkers (f.Prior |> Array.map (fun p -> [| p |]))

/// max |log π̂_m|.
let private deepest (f: IGroupSaddle) =
    f.Prior |> Array.map (fun p -> abs (log p)) |> Array.max

// ---- VI-PINN.2 -------------------------------------------------------------------------------------------------

/// Nodes and weights of Gauss and Legendre's rule on [0, 1], by Newton's method on the polynomial.
let private legendre count =
    let polynomial x =
        let mutable before, now = 1.0, x

        for k in 2..count do
            let next = (float (2 * k - 1) * x * now - float (k - 1) * before) / float k
            before <- now
            now <- next

        now, float count * (x * now - before) / (x * x - 1.0)

    Array.init count (fun i ->
        let mutable x = cos (Math.PI * (float i + 0.75) / (float count + 0.5))

        for _ in 1..50 do
            let p, slope = polynomial x
            x <- x - p / slope

        let _, slope = polynomial x
        0.5 * (1.0 + x), 1.0 / ((1.0 - x * x) * slope * slope))

/// Φ by the log-sum against the value at the numerical maximiser of ⟨L, π⟩ − λKL(π‖π̂), and π* against that maximiser.
let private maximum (f: IGroupSaddle) (value: Block -> Block) (points: Block) =
    let losses, best, phi =
        f.Losses points, (GroupSaddle.best f points).Exp(), value points

    [
        for lane in 0 .. points.Lanes - 1 do
            let l = Array.init f.Groups (fun m -> losses[m, lane, 0])

            let pi =
                WeightSteps.maximise f.Groups f.Lambda (fun pi ->
                    Array.init f.Groups (fun m -> l[m] - f.Lambda * (log (pi[m] / f.Prior[m]) + 1.0)))

            let reached =
                Seq.sum (
                    Seq.init f.Groups (fun m ->
                        if pi[m] = 0.0 then
                            0.0
                        else
                            pi[m] * (l[m] - f.Lambda * log (pi[m] / f.Prior[m])))
                )

            let column = Block.vector [| phi[0, lane, 0] |]
            let scale = f.Lambda + (l |> Array.map abs |> Array.max)

            yield!
                WeightSteps.agree
                    $"point {lane}: Φ against the maximum"
                    (float f.Groups)
                    scale
                    column
                    (Block.scalar reached)

            yield!
                WeightSteps.agree
                    $"point {lane}: π* against the maximiser"
                    (float f.Groups)
                    1.0
                    (Block.vector pi)
                    (Block.vector (Array.init f.Groups (fun m -> best[m, lane, 0])))
    ]

/// Φ(θ + h) = Φ(θ) + ∫⟨Σπ*_m∇L_m(θ + th), h⟩dt on segments of half the length λ/G, far inside the distance from the
/// complex zeros of the log-sum, and of no more than half a radian of the sines: eight nodes are exact to rounding.
let private danskin (f: IGroupSaddle) (value: Block -> Block) (points: Block) (directions: Block) =
    let h =
        (0.5 * min f.Lambda 1.0 / f.GradientBound)
        * (directions / Block.norm directions)

    let integral =
        legendre 8
        |> Array.map (fun (t, w) -> w * Block.dot (GroupSaddle.gradient f (points + t * h)) h)
        |> Array.reduce (fun a b -> a + b)

    let start, finish = value points, value (points + h)
    let scale = 1.0 + ((f.Losses points).Abs().ToArray() |> Array.max)
    WeightSteps.agree "Φ along segments against the integral of Danskin's gradient" 64.0 scale finish (start + integral)

/// Σπ̂_mL_m ≤ Φ ≤ max L_m and Φ ≥ max (L_m + λ log π̂_m) at the points, and at those where a search finds each gap least.
let private sandwich ctx (f: IGroupSaddle) (value: Block -> Block) (points: Block) =
    let weights = prior f

    let bounds: (string * (Block -> Block) * (Block -> Block)) list = [
        "Σπ̂L ≤ Φ", (fun x -> (weights * f.Losses x).SumWorkers()), value
        "Φ ≤ max L", value, (fun x -> GroupSaddle.largest (f.Losses x))
        "max (L + λ log π̂) ≤ Φ", (fun x -> GroupSaddle.largest (f.Losses x + f.Lambda * GroupSaddle.logPrior f)), value
    ]

    [
        for name, lower, upper in bounds do
            let excess (x: Block) = Block.lanes (lower x - upper x)
            let worst, _ = Search.climb ctx (CheckContext.pick 3 10 40 ctx) id excess points

            for x in [ points; worst ] do
                let a, b = Block.lanes (lower x), Block.lanes (upper x)
                // Φ is a logarithm of numbers of size 1, times λ: it is known relative to λ and the losses, not to itself.
                let sizes = Block.lanes (GroupSaddle.largest ((f.Losses x).Abs()))

                for lane in 0 .. x.Lanes - 1 ->
                    let allowance =
                        Rounding.identity (float f.Groups) (sizes[lane] + f.Lambda * (1.0 + deepest f))

                    {
                        Label = $"{name}, point {lane}"
                        Measured = a[lane]
                        Bound = b[lane]
                        Holds = Evidence.holds Relation.AtMost allowance a[lane] b[lane]
                    }
    ]

/// All of VI-PINN.2 on a problem, with another formula for Φ in falsifiers.
let formula ctx (f: IGroupSaddle) (value: Block -> Block) (scale: float) : Evidence =
    let points = CheckContext.gaussianStarts ctx 1 6 f.Dimension scale
    let directions = CheckContext.gaussianStarts ctx 2 6 f.Dimension 1.0

    let identities =
        maximum f value points @ danskin f value points directions
        |> WeightSteps.ofIdentities

    Evidence.all [
        identities
        {
            Evidence.ofRows Rung.Trajectories Relation.AtMost (sandwich ctx f value points) with
                Tightness = nan
        }
    ]

/// λ log Σ e^{L/λ}.
let withoutPrior (f: IGroupSaddle) (theta: Block) =
    f.Lambda * GroupSaddle.logSum (f.Losses theta / f.Lambda)

let maximumClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.2"
            ClaimKind.Exact
            "Φ = λ log Σπ̂_m e^{L_m/λ}, attained at π* ∝ π̂e^{L/λ}; ∇Φ = Σπ*_m∇L_m; Σπ̂_mL_m ≤ Φ ≤ max L_m, Φ ≥ max (L_m + λ log π̂_m)"
            (Groups.sineInstances 4 3 |> Instances.startingWith [ standard ])
            (fun ctx spec ->
                let f = Groups.sines spec
                formula ctx f (GroupSaddle.value f) 2.0) with
            Formula =
                @"\Phi(\theta)=\lambda\log\sum_m\hat\pi_m e^{L_m(\theta)/\lambda},\quad \nabla\Phi=\sum_m\pi^*_m\nabla L_m"
            Assumptions = "λ > 0, π̂ positive"
            Source = "derived (Danskin)"
            Falsifiers = [
                Falsifier.check "π̂ dropped from the log-sum" (fun ctx spec ->
                    let f = Groups.sines spec
                    formula ctx f (withoutPrior f) 2.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- VI-PINN.4 -------------------------------------------------------------------------------------------------

/// Present θ, log π, and the next θ, which may be anything.
type private Move = {
    /// θ_t.
    Theta: Block
    /// log π_t.
    Logs: Block
    /// θ_{t+1}.
    Next: Block
}

/// s(π⁺, π*(θ⁺)) ≤ (1−a)s(π, π*(θ)) + (c·G/λ)‖θ⁺ − θ‖ for any move of θ, from random triples and the worst that a search finds.
let private tracks ctx (spec: SineSpec) constant =
    let f = Groups.sines spec :> IGroupSaddle
    let lanes = CheckContext.pick 10 20 60 ctx
    let theta = CheckContext.gaussianStarts ctx 1 lanes f.Dimension 2.0

    // Short and long moves; for opposite sines the worst is a short move from the origin, where both slopes are largest.
    let sizes =
        Block.ofRows (Array.init lanes (fun j -> [| 10.0 ** -(float (j % 4)) |]))

    let start = {
        Theta = theta
        Logs = WeightSteps.randomLogs ctx 2 f.Groups lanes 1.0
        Next = theta + sizes * CheckContext.gaussianStarts ctx 3 lanes f.Dimension 1.0
    }

    [ 0.1; 0.5; 1.0 ]
    |> List.map (fun a ->
        let rule = WeightSteps.explicit (WeightSteps.regulariser f) (a / f.Lambda)

        let evidence =
            Enumerated.oneStep ctx {
                Process = {
                    Name = "move"
                    Draw = Draw.none
                    Step =
                        fun () s -> {
                            Theta = s.Next
                            Logs = rule (f.Losses s.Theta) s.Logs
                            Next = s.Next
                        }
                    Cost = fun () -> []
                }
                States = start
                Measure = fun _ next -> WeightSteps.span next.Logs (GroupSaddle.best f next.Theta)
                Bound =
                    fun s ->
                        (1.0 - a) * WeightSteps.span s.Logs (GroupSaddle.best f s.Theta)
                        + (constant * f.GradientBound / f.Lambda) * Block.norm (s.Next - s.Theta)
                Relation = Relation.AtMost
                Keep =
                    fun s -> {
                        s with
                            Logs = GroupSaddle.normalise s.Logs
                    }
                Search = CheckContext.pick 5 20 60 ctx
            }

        // One outcome only: these are trajectories.
        {
            evidence with
                Rung = Rung.Trajectories
        })
    |> Pieces.all

let private opposite = {
    standard with
        Groups = 2
        Dimension = 1
        Opposite = true
        Level = 0.0
}

let trackingClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.4"
            ClaimKind.Sure
            "tracking: s(π⁺, π*(θ⁺)) ≤ (1−γλ)s(π, π*(θ)) + (2G/λ)‖θ⁺ − θ‖, whatever the move of θ"
            (Groups.sineInstances 4 3
             |> Instances.startingWith [ standard; opposite ]
             |> Instances.counts 1 3 20)
            (fun ctx spec -> tracks ctx spec 2.0) with
            Formula =
                @"s(\pi_{t+1},\pi^*(\theta_{t+1}))\le(1-\gamma_\pi\lambda)s(\pi_t,\pi^*(\theta_t))+\tfrac{2G}{\lambda}\|\theta_{t+1}-\theta_t\|"
            Assumptions = "‖∇L_m‖ ≤ G, γλ ∈ (0, 1]"
            Source = "derived: VI-PINN.3 and log π*(θ) = L/λ up to constants and the prior"
            Falsifiers = [
                Falsifier.check "2G → G/2" (fun ctx spec -> tracks ctx spec 0.5)
                |> Falsifier.at [ opposite ]
            ]
            Tight = Some { Instance = opposite; AtLeast = 0.9 }
    }
