/// How many rounds APDA takes.
module Theory.Algorithms.CommunicationEfficient.APDARounds

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.APDAMethods

/// Clients with the Hessian diag logspace(1, κ).
type RoundsSpec = {
    Clients: int
    Dimension: int
    Seed: int
}

/// Rounds until Σ‖x_i − x*‖² ≤ 1e-10 of the start, and those that suffice by CE-APDA.1.
let private roundsAt (spec: RoundsSpec) (kappa: float) =
    let spectrum = Linear.geometric 1.0 kappa spec.Dimension

    let f: IClientProx =
        Clients.diagonal (Array.create spec.Clients spectrum) 1.0 spec.Seed

    let p = exactly f
    let proc = Method.on f p exact
    let start = init f (Block.zeros 1 1 spec.Dimension)
    let ideal = (fixedPoint f).X

    let distance (s: State) =
        (Block.lanes (Block.totalNormSquared (s.X - ideal)))[0]

    let target = 1e-10 * distance start

    let enough =
        ceil (log ((Block.lanes (psi f p start))[0] / (p.Mu * target)) / log (1.0 / p.Theta))

    let codec = Codec.ofTemplate start

    let rec go k (s: State) =
        if distance s <= target || float k > 2.0 * enough then
            k
        else
            let next = proc.Step () s
            codec.Materialise next
            go (k + 1) next

    float (go 0 start) * Costs.total Counter.Rounds (proc.Cost()), enough

let private fitted (expected: float) (spec: RoundsSpec) =
    let found = [ 1e2; 1e3; 1e4 ] |> List.map (fun kappa -> kappa, roundsAt spec kappa)

    let bounded =
        found
        |> List.map (fun (kappa, (rounds, enough)) ->
            Evidence.row Relation.AtMost 1 1 $"rounds at κ = {kappa}" rounds enough)
        |> Evidence.ofRows Rung.Trajectories Relation.AtMost

    let counts = found |> List.map (fun (_, (n, _)) -> string n) |> String.concat ", "

    {
        Evidence.all [
            bounded
            found
            |> List.map (fun (kappa, (n, _)) -> kappa, n)
            |> Scaling.near Rung.Trajectories "rounds against κ" expected 0.05
        ] with
            Tightness = bounded.Tightness
            Note = $"rounds {counts}"
    }

let rounds: Claim =
    Claim.create {
        Claim.spec
            "CE-APDA.4"
            ClaimKind.Count
            "⌈ln(Ψ_0/(με))/ln(1/θ)⌉ rounds give ‖x−x*‖² ≤ ε; the rounds to 1e-10 of the start grow as κ^(0.5±0.05)"
            (Instances.generated
                (gen {
                    let! clients = Gen.choose (2, 3)
                    let! dimension = Gen.choose (4, 6)
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Clients = clients
                        Dimension = dimension
                        Seed = seed
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.counts 0 1 8
             |> Instances.startingWith [ { Clients = 3; Dimension = 6; Seed = 1 } ])
            (fun _ -> fitted 0.5) with
            Formula =
                @"K=\Bigl\lceil\frac{\ln(\Psi_0/(\mu\varepsilon))}{\ln(1/\theta)}\Bigr\rceil=\mathcal O(\sqrt\kappa\ln(1/\varepsilon))"
            Assumptions = "κ ∈ {1e2, 1e3, 1e4}, equal Hessians diag logspace(1, κ), exact prox, start 0"
            Source = "CE-APDA.1; a deterministic method, one run an instance"
            Falsifiers = [
                Falsifier.check "exponent 1/4" (fun _ -> fitted 0.25)
                Falsifier.check "exponent 1" (fun _ -> fitted 1.0)
            ]
    }
