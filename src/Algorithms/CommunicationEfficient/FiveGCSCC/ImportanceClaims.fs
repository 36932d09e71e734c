/// What importance sampling is worth to 5GCS-AB.
module Theory.Algorithms.CommunicationEfficient.ImportanceClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.DualSplitting
open Theory.Algorithms.CommunicationEfficient.SampledFiveGCS

/// One stiff client among others, μ = 1.
type ImportanceSpec = {
    Clients: int
    /// L_1.
    Largest: float
    /// L_2 = … = L_M > 1.
    Others: float
    /// C, the expected number of participants.
    Expected: float
    /// Also count the rounds of a run.
    Run: bool
}

let private sizes (spec: ImportanceSpec) =
    Array.init spec.Clients (fun m -> ((if m = 0 then spec.Largest else spec.Others) - 1.0) / float spec.Clients)

let private uniform (spec: ImportanceSpec) =
    Array.create spec.Clients (spec.Expected / float spec.Clients)

let private optimal (spec: ImportanceSpec) =
    proportional spec.Expected (sizes spec |> Array.map sqrt)

/// p_m ∝ 1/√L_{F,m}.
let private inverse (spec: ImportanceSpec) =
    proportional spec.Expected (sizes spec |> Array.map (fun l -> 1.0 / sqrt l))

/// 1/(1 − rate) at the best γ.
let private times (spec: ImportanceSpec) (p: float[]) =
    1.0 / (1.0 - contraction (best 1.0 (sizes spec) p))

/// With g = γ(C+1) at the best γ of uniform sampling, k clients capped at p_m = 1 and S = Σ√L_{F,m} over the others:
/// g(M²L_max/C² − S²/(C−k)²) ≥ 2(S/((C−k)√L_min) − M/C). Then no dual factor of importance sampling is worse than the
/// worst one of uniform sampling at that γ.
let private worthwhile (spec: ImportanceSpec) =
    let l = sizes spec

    let capped, others =
        Array.zip (optimal spec) l |> Array.partition (fun (p, _) -> p >= 1.0)

    let m, c = float spec.Clients, spec.Expected
    let s = (others |> Array.sumBy (snd >> sqrt)) / (c - float capped.Length)
    let g = (best 1.0 l (uniform spec)).Gamma * (c + 1.0)

    g * (m * m * Array.max l / (c * c) - s * s)
    >= 2.0 * (s / sqrt (others |> Array.map snd |> Array.min) - m / c)

let private row label measured bound =
    Evidence.row Relation.AtMost 1 1 label measured bound

/// Rounds until E‖x − x*‖² ≤ 1e-8 of its start, exactly.
let private rounds (spec: ImportanceSpec) (p: float[]) =
    let f: IClientProx =
        Clients.diagonal
            (Array.init spec.Clients (fun m -> [| 1.0; (if m = 0 then spec.Largest else spec.Others) |]))
            1.0
            1

    let own = best 1.0 (sizes spec) p
    let proc = Method.on f own method
    let start = init f (Block.zeros 1 1 2)
    let distance (s: State) = Block.normSquared (s.X - f.Minimiser)
    let scale = (Block.lanes (distance start))[0]

    Costs.firstBelow proc (fixedPoint f 1.0) start 20000 distance (1e-8 * scale)
    |> Result.map (fun steps ->
        float steps
        * Costs.total Counter.Rounds (proc.Cost (proc.Draw.Outcomes[0]).Outcome))

let private fewerRounds (spec: ImportanceSpec) (p: float[]) =
    match rounds spec p, rounds spec (uniform spec) with
    | Ok own, Ok even ->
        [ row "rounds of a run, importance against uniform" own even ]
        |> Evidence.ofRows Rung.Moments Relation.AtMost
        |> Evidence.note $"rounds {own} against {even}"
    | Error reason, _
    | _, Error reason -> Evidence.undecided Rung.Moments reason

/// With the probabilities `chosen`; the gain only where the condition holds, unless `always`.
let private gains always (chosen: ImportanceSpec -> float[]) (spec: ImportanceSpec) =
    let l = sizes spec
    let even, own = times spec (uniform spec), times spec (chosen spec)

    // The stiffest client is the first.
    let most = float spec.Clients / spec.Expected * (optimal spec)[0]

    let uncapped = float spec.Clients * sqrt (Array.max l) / (l |> Array.sumBy sqrt)

    let gain =
        Evidence.ofRows Rung.Spectral Relation.AtMost [ row "gain against Mp_1/C" (even / own) most ]

    let all =
        Evidence.all [
            Evidence.ofRows Rung.Spectral Relation.AtMost [ row "Mp_1/C against M√L_max/Σ√L_m" most uncapped ]
            if always || worthwhile spec then
                Evidence.ofRows Rung.Spectral Relation.AtMost [ row "1/(1−rate), importance against uniform" own even ]
            if spec.Run then
                fewerRounds spec (chosen spec)
            gain
        ]

    {
        all with
            Tightness = gain.Tightness
            Note = $"1/(1−rate) {own:G4} against {even:G4}; {all.Note}"
    }

let private stiff = {
    Clients = 8
    Largest = 1000.0
    Others = 2.0
    Expected = 2.0
    Run = true
}

/// The other clients are nearly as flat as μ: asking them rarely costs more than it saves.
let private flat = {
    Clients = 4
    Largest = 4.0
    Others = 1.3
    Expected = 2.0
    Run = false
}

let counts: Claim =
    Claim.create {
        Claim.spec
            "CE-5GCSCC.3"
            ClaimKind.Count
            "τ_m = p_m/(γ(C+1)), best γ: p_m ∝ √L_{F,m} (capped at 1) gains at most Mp_1/C ≤ M√L_max/Σ√L_{F,m} over p_m = C/M, client 1 the stiffest, and loses nothing where, uncapped, γ(C+1)(M²L_max−S²) ≥ 2C(S/√L_min−M), S = Σ√L_{F,m}; a run takes fewer rounds"
            (Instances.generated
                (gen {
                    let! clients = Gen.choose (3, 12)
                    let! largest = Gen.elements [ 4.0; 30.0; 300.0; 3000.0; 30000.0 ]
                    let! others = Gen.elements [ 1.1; 1.5; 2.0; 4.0 ]
                    let! expected = Gen.choose (1, clients)

                    return {
                        Clients = clients
                        Largest = largest
                        Others = others
                        Expected = float expected
                        Run = false
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.counts 10 40 200
             |> Instances.startingWith [
                 stiff
                 {
                     stiff with
                         Clients = 4
                         Largest = 300.0
                 }
             ])
            (fun _ -> gains false optimal) with
            // One client stiffer than the others, and not all of them in every round.
            Valid = fun spec -> spec.Largest >= spec.Others && spec.Expected < float spec.Clients
            Formula =
                @"p_m\propto\sqrt{L_{F,m}}:\quad\frac{(1-\text{rate})^{-1}_{\text{uniform}}}{(1-\text{rate})^{-1}_{\text{importance}}}\le\frac{M\sqrt{\max_mL_{F,m}}}{\sum_m\sqrt{L_{F,m}}}"
            Assumptions = "rate of CE-5GCSCC.2 with t_m = p_m; the condition is taken at uniform sampling's best γ"
            Source =
                "derived: uniform sampling with γ shorter by B = Mp_1/C is at most B times slower; the condition compares the dual factors at one γ"
            Falsifiers = [
                Falsifier.check "p_m ∝ 1/√L_{F,m}" (fun _ spec -> gains false inverse { spec with Run = false })
                Falsifier.check "a gain without the condition" (fun _ -> gains true optimal)
                |> Falsifier.at [ flat ]
            ]
            Tight =
                Some {
                    Instance = {
                        stiff with
                            Largest = 1e6
                            Others = 1000.0
                            Run = false
                    }
                    AtLeast = 0.9
                }
    }
