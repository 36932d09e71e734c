/// A physics-informed problem that is linear: 1-D Poisson by collocation.
module Theory.Algorithms.VariationalInequalities.PINNPoisson

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

let private standard: PoissonSpec = {
    Modes = 3
    Linear = 1
    Points = 4
    Force = 1.0
    First = 0.0
    Lambda = 0.05
    Radius = 5.0
    Seed = 1
}

/// The same with a force for which every group keeps weight at the saddle point.
let private meek = { standard with Force = 0.3; Seed = 3 }

let private instances =
    Groups.poissonInstances 3
    |> Instances.startingWith [ standard; meek ]
    |> Instances.counts 1 2 15

/// G on the sublevel set of Φ through θ_0: ‖∇L_m‖² ≤ 2L_1 L_m and L_m ≤ Φ − λ log π̂_m there.
let private sublevelBound (f: IGroupSaddle) (theta: Block) =
    let top = (GroupSaddle.value f theta).ToArray() |> Array.max
    sqrt (2.0 * f.Smoothness * (top - f.Lambda * log (Array.min f.Prior)))

// ---- VI-PINN.7 -------------------------------------------------------------------------------------------------

/// The largest ratio of L_Φ to the least curvature for which runs come to rest within the steps below.
let private mostRatio = 25.0

/// L_Φ on the sublevel set through a point, against the least curvature of Φ at the saddle point.
let private ratio (problem: QuadraticGroups) theta =
    let f = problem :> IGroupSaddle
    let g = sublevelBound f theta
    (f.Smoothness + g * g / f.Lambda) / fst (problem.Spectrum 0.0)

/// L_m − L_{m'} − c·log((π_m/π̂_m)/(π_{m'}/π̂_{m'})) is 0 for all m, m', and ∇Φ = 0, where runs of BGDA come to rest.
let private atRest ctx (spec: PoissonSpec) (share: float) (coefficient: float -> float) =
    let problem = Groups.poisson spec
    let f = problem :> IGroupSaddle
    let theta = f.Saddle.Value + CheckContext.gaussianStarts ctx 1 3 f.Dimension 0.1
    let condition = ratio problem theta

    let p: BGDA.Parameters = {
        GammaTheta = ScaledDescent.stepLimit f (sublevelBound f theta) share 1.0
        GammaPi = share / f.Lambda
    }

    // Each step leaves at most about 1 − 1/(3·condition) of the distance.
    let steps = 100 + int (60.0 * condition)
    let start = BGDA.init f theta

    let final =
        (Run.trajectories ctx (Method.on f p BGDA.method) start {
            Steps = steps
            Every = steps
            Measures = []
            Progress = None
        })
            .Final

    let relation =
        WeightSteps.centred (
            f.Losses final.Theta
            - coefficient f.Lambda * (final.Logs - GroupSaddle.logPrior f)
        )

    let zero (b: Block) = 0.0 * b

    WeightSteps.agree "relation of losses and weights" (float steps) 1.0 relation (zero relation)
    @ WeightSteps.agree
        "∇Φ"
        (float steps)
        (1.0 + f.GradientBound)
        (GroupSaddle.gradient f final.Theta)
        (zero final.Theta)
    @ WeightSteps.agree
        "θ against the saddle point"
        (float steps * condition)
        (1.0 + (f.Saddle.Value.Norm().ToArray())[0])
        final.Theta
        f.Saddle.Value
    |> WeightSteps.ofIdentities

let private bothShares ctx spec coefficient =
    [ 1.0; 0.5 ]
    |> List.map (fun share -> atRest ctx spec share coefficient)
    |> Evidence.all

let saddleClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.7"
            ClaimKind.Sure
            "1-D Poisson by collocation: BGDA comes to rest where L_m − L_m' = λ log((π*_m/π̂_m)/(π*_m'/π̂_m')) and ∇Φ = 0"
            instances
            (fun ctx spec -> bothShares ctx spec id) with
            Formula = @"L_m-L_{m'}=\lambda\log\frac{\pi^*_m/\hat\pi_m}{\pi^*_{m'}/\hat\pi_{m'}}"
            Assumptions =
                "u'' = f, u a combination of sines and linear terms: residual and boundary losses are convex quadratics"
            Source = "derived; the saddle point also by Newton's method on Φ"
            // Runs end at rounding within a few thousand steps.
            Valid =
                fun spec ->
                    let problem = Groups.poisson spec
                    ratio problem (problem :> IGroupSaddle).Saddle.Value <= mostRatio
            Falsifiers = [
                Falsifier.check "λ in the relation replaced by 1/λ" (fun ctx spec ->
                    bothShares ctx spec (fun lambda -> 1.0 / lambda))
                |> Falsifier.at [ meek ]
            ]
            Tight = Some { Instance = meek; AtLeast = 1.0 }
    }

// ---- VI-PINN.7b ------------------------------------------------------------------------------------------------

/// Φ's formulas, and the bound of VI-PINN.5 with G of the sublevel set that runs stay in.
let private applies
    ctx
    (spec: PoissonSpec)
    (value: IGroupSaddle -> Block -> Block)
    (change: ScaledDescent.Run -> ScaledDescent.Run)
    =
    let f = Groups.poisson spec :> IGroupSaddle
    let theta = CheckContext.gaussianStarts ctx 3 4 f.Dimension 0.5
    let g = sublevelBound f theta

    let run share order : ScaledDescent.Run = {
        Rule = WeightSteps.explicit (WeightSteps.regulariser f) (share / f.Lambda)
        Share = share
        Order = order
        Scaling = ScaledDescent.Unit
        Low = 1.0
        High = 1.0
        ScalingFactor = 1.0
        GammaFactor = 1.0
        Steps = CheckContext.pick 50 150 300 ctx
    }

    Evidence.all [
        {
            PINNMaximum.formula ctx f (value f) 0.5 with
                Tightness = nan
        }
        for run in [ run 1.0 ScaledDescent.NewWeights; run 0.5 ScaledDescent.OldWeights ] do
            ScaledDescent.evidenceWithin ctx f g theta (change run)
    ]

let appliesClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PINN.7b"
            ClaimKind.Sure
            "1-D Poisson by collocation: Φ's formulas (VI-PINN.2) and the bound on ‖∇Φ‖² (VI-PINN.5) with G of the sublevel set visited"
            instances
            (fun ctx spec -> applies ctx spec GroupSaddle.value id) with
            Formula = @"\|\nabla L_m\|^2\le 2L_1L_m\le 2L_1(\Phi(\theta_0)-\lambda\log\min_m\hat\pi_m)=:G^2"
            Assumptions = "as VI-PINN.5 on the set {Φ ≤ Φ(θ_0)}; that runs stay within G is checked at every step"
            Source = "derived: nonnegative L_1-smooth losses, L_m ≤ Φ − λ log π̂_m"
            Falsifiers = [
                Falsifier.check "π̂ dropped from the log-sum" (fun ctx spec ->
                    applies ctx spec PINNMaximum.withoutPrior id)
                Falsifier.check "γ_θ = 300 times its limit" (fun ctx spec ->
                    applies ctx spec GroupSaddle.value (fun run -> { run with GammaFactor = 300.0 }))
            ]
    }
