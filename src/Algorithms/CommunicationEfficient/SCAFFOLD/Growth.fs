/// How the rounds of SCAFFOLD grow with the condition number.
module Theory.Algorithms.CommunicationEfficient.SCAFFOLDGrowth

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.SCAFFOLD

/// Rounds are compared at κ = 10, 100, … over so many decades.
type GrowthSpec = {
    Decades: int
    LocalSteps: int
    Seed: int
}

let private tolerance = 1e-8

/// Four clients with Hessian diag(1, κ) and their own centres.
let private commonHessian kappa seed : Quadratic =
    Quadratic(
        "equal Hessians diag(1, κ)",
        Array.replicate 4 (LinearAlgebra.Diagonal [| 1.0; kappa |]),
        Array.init 4 (fun i -> Linear.gaussians seed i 2)
    )

/// Rounds, by the method's own counter, until ‖x − x*‖² ≤ 1e-8 from x* + (5, 5); and the rounds of the closed form
/// x⁺ − x* = (I − ηA)^K(x − x*), exact for equal Hessians, since the corrections cancel in the mean.
let private roundsOf (ctx: CheckContext) (spec: GrowthSpec) kappa =
    let f = commonHessian kappa spec.Seed :> IFiniteSum
    let p = withStep (0.5 / kappa) 1.0 spec.LocalSteps f.Count
    let start = init f (f.Minimiser + Block.vector [| 5.0; 5.0 |])

    let squared round =
        [ 1.0; kappa ]
        |> List.sumBy (fun a -> 25.0 * (1.0 - p.Eta * a) ** float (2 * spec.LocalSteps * round))

    let rec predicted low high =
        if high - low <= 1 then
            high
        else
            let middle = (low + high) / 2

            if squared middle <= tolerance then
                predicted low middle
            else
                predicted middle high

    let closed = predicted 0 (int (200.0 * kappa))

    let run =
        Run.trajectories ctx (Method.on f p method) start {
            // One round before the predicted last one, and that one.
            Steps = closed
            Every = closed - 1
            Measures = [ fun s -> Block.normSquared (s.X - f.Minimiser) ]
            Progress = None
        }

    let counted =
        match run.Measures[0] |> Array.tryFindIndex (fun row -> row[0] <= tolerance) with
        | Some at -> run.Counters[Counter.Rounds].[at].[0]
        | None -> infinity

    counted, float closed

/// The exponent of the rounds between the first and the last κ, within 0.02 of the claimed one.
let private growth (exponent: float) (ctx: CheckContext) (spec: GrowthSpec) =
    let rounds = [
        for decade in 0 .. spec.Decades do
            let kappa = 10.0 ** float (decade + 1)
            kappa, roundsOf ctx spec kappa
    ]

    let row relation = Evidence.row relation 2 1

    let slope =
        let first, (fewer, _) = List.head rounds
        let last, (more, _) = List.last rounds
        log (more / fewer) / log (last / first)

    let shown =
        rounds
        |> List.map (fun (kappa, (n, _)) -> $"{n} at κ = {kappa}")
        |> String.concat ", "

    Evidence.all [
        Evidence.ofRows Rung.Trajectories Relation.Equal [
            for kappa, (counted, closed) in rounds do
                row Relation.Equal $"rounds counted and predicted, κ = {kappa}" counted closed
        ]
        Evidence.ofRows Rung.Trajectories Relation.AtMost [
            row Relation.AtMost "exponent of the rounds in κ" slope (exponent + 0.02)
        ]
        Evidence.ofRows Rung.Trajectories Relation.AtLeast [
            row Relation.AtLeast "exponent of the rounds in κ" slope (exponent - 0.02)
        ]
    ]
    |> Evidence.note $"rounds: {shown}; exponent {slope:F4}"

let growthClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SCAFFOLD.4"
            ClaimKind.Scaling
            "with η̃ = 1/(2L) the rounds to a given accuracy grow like κ: exponent 1 ± 0.02 between κ = 10 and 1000"
            (Instances.only [
                {
                    Decades = 2
                    LocalSteps = 5
                    Seed = 1
                }
            ])
            (growth 1.0) with
            Formula = @"R(\varepsilon)=\Theta(\kappa\ln\tfrac1\varepsilon)"
            Assumptions = "A_i = diag(1, κ), random centres, K = 5, c_i = 0 and ‖x⁰−x*‖² = 50 at the start, ε = 1e-8"
            Source =
                "arXiv 1910.06378 states the order max{L/μ, n/s}·log(1/ε) with steps 1/(81L); counted here, and in closed form"
            Falsifiers = [
                Falsifier.check "exponent 1/2" (growth 0.5)
                |> Falsifier.at [
                    {
                        Decades = 1
                        LocalSteps = 5
                        Seed = 1
                    }
                ]
            ]
            Tight =
                Some {
                    Instance = {
                        Decades = 1
                        LocalSteps = 5
                        Seed = 2
                    }
                    AtLeast = 1.0 - 1e-9
                }
    }
