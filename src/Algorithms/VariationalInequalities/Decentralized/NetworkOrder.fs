/// The order of the lower bound in the network's condition number and in L/μ (VI-DECENTR.9).
module Theory.Algorithms.VariationalInequalities.NetworkOrder

open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms.VariationalInequalities.NetworkLowerBound

/// The constant of the order, for L ≥ 3μ and ε ≤ 1e-9.
let private constant = 1.0 / 16.0

/// The least number of exchanges after which the bound of .7 allows ‖z − z*‖² ≤ εR0², from 0.
let private exchangesFor (spec: SplitSpec) (solution: float[]) delay epsilon =
    let total = solution |> Array.sumBy (fun v -> v * v)

    let tails = Array.scanBack (fun v sum -> v * v + sum) solution[.. spec.Size - 1] 0.0

    match tails |> Array.tryFindIndex (fun tail -> tail <= epsilon * total) with
    | Some coordinates when coordinates < spec.Size -> 2 * delay * (coordinates - 1)
    | _ -> invalidArg (nameof spec) $"A chain of {spec.Size} is too short for ε = {epsilon:G3}."

/// Exchanges against √χ(1+L/μ) ln(1/ε), or χ(1+L/μ) ln(1/ε) where the network changes; `slow` is the delay used.
let private order (spec: SplitSpec) (slow: SplitSpec -> int) (factor: float) =
    let solution =
        (Games.chain spec.Size spec.Mu spec.C 1.0 :> IOperator).Solution.ToArray()

    // L and χ do not depend on the chain's length.
    let short = { spec with Size = 4 }
    let graphs = graphs spec
    let own = problem short graphs
    let f = own :> INetworkedOperator
    let chi = f.Gossip.Chi
    let reach = if spec.Changing then chi else sqrt chi

    Pieces.all [
        anyMethod short own graphs (6 * delay spec)

        [
            for epsilon in [ 1e-9; 1e-12 ] ->
                Evidence.row
                    Relation.AtLeast
                    spec.Size
                    1
                    $"exchanges to ε = {epsilon:G1}"
                    (float (exchangesFor spec solution (slow spec) epsilon))
                    (factor * reach * (1.0 + f.Lipschitz / f.Monotonicity) * log (1.0 / epsilon))
        ]
        |> Evidence.ofRows Rung.Trajectories Relation.AtLeast
    ]

let private thirds third ratio changing = {
    Nodes = 3 * third
    Group = third
    // Coordinates shrink by a factor of about 1 − μ/c.
    Size = 12 + 16 * ratio
    Mu = 1.0 / float ratio
    C = 1.0
    Changing = changing
}

let private orders =
    let generator =
        gen {
            let! third = Gen.choose (2, 10)
            let! ratio = Gen.choose (1, 6)
            let! changing = Gen.elements [ false; true ]
            return thirds third ratio changing
        }

    Instances.generated generator (fun _ -> Seq.empty)

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-DECENTR.9"
            ClaimKind.Lower
            "there are problems that need √χ(1+L/μ) ln(1/ε)/16 exchanges on a fixed network (a path, its thirds holding the two halves of the chain) and χ(1+L/μ) ln(1/ε)/16 on a changing one (a star), n = 1"
            (orders
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ thirds 2 1 false; thirds 10 6 false; thirds 4 3 true ])
            (fun _ spec -> order spec delay constant) with
            Formula =
                @"\Omega(\sqrt\chi(1+L/\mu)\log\tfrac1\varepsilon),\quad\Omega(\chi(1+L/\mu)\log\tfrac1\varepsilon)"
            Assumptions =
                "L that of every single node's operator: with groups of M/3 nodes it is 3c + O(μ), independent of M; ε ≤ 1e-9. The local calls, Ω((L/μ) log 1/ε) for n = 1, are VI-SURVEY.7"
            Source = "the order from the paper; the constant derived from VI-DECENTR.7: D ≥ (π/6)√χ and q ≥ 1 − μ/c"
            Falsifiers = [
                Falsifier.check "an edge between the ends" (fun _ spec -> order spec (fun _ -> 1) constant)
                |> Falsifier.at [ thirds 10 6 false ]
                Falsifier.check "one node at each end: L grows with M" (fun _ spec ->
                    order { spec with Group = 1 } delay constant)
                |> Falsifier.at [ thirds 10 6 false ]
                Falsifier.check "constant × 4" (fun _ spec -> order spec delay (4.0 * constant))
            ]
    }
