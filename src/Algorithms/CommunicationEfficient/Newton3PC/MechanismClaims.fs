/// The constants of three-point compressors (CE-NEWTON3PC.1).
module Theory.Algorithms.CommunicationEfficient.MechanismClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Mechanisms

/// A mechanism by its numbers.
type MechanismSpec = {
    /// ef21, random (EF21 with contractive Rand-k), threshold, lag, clag or cbag.
    Kind: string
    /// k of the compressor.
    K: int
    /// p of CBAG.
    P: float
    /// ζ of LAG and CLAG.
    Zeta: float
    /// Weight s of the split, in units of α where `Relative`.
    S: float
    Relative: bool
    Seed: int
}

/// The mechanism of a specification.
let mechanism (spec: MechanismSpec) : Mechanism =
    let weight kept =
        if spec.Relative then spec.S * kept else spec.S

    match spec.Kind with
    | "ef21" -> ef21 weight (topK spec.K)
    | "random" -> ef21 weight (contractiveRandK spec.K)
    | "threshold" -> ef21 weight (threshold (1.0 / float (spec.K + 1)))
    | "lag" -> lag spec.Zeta
    | "clag" -> lazily spec.Zeta weight (topK spec.K)
    | "cbag" -> bernoulli spec.P weight (topK spec.K)
    | other -> invalidArg (nameof spec) $"There is no mechanism '{other}'."

/// Matrices H, Y, X of one worker, as vectors.
type private Triple = { H: Block; Y: Block; X: Block }

let private entries = 9

/// Random triples; the first two lie where mechanisms are worst: X − Y and Y − H flat and parallel, and ‖X − H‖² a hair
/// under ζ‖X − Y‖².
let private triples (ctx: CheckContext) (spec: MechanismSpec) (lanes: int) : Triple =
    let gaussian site =
        Block.rows (CheckContext.gaussianStarts ctx site (lanes - 2) entries 1.0)

    let flat c = Array.create entries c
    let below = sqrt (spec.Zeta * (1.0 - 1e-12) * float entries)
    let corner = Array.init entries (fun i -> if i = 0 then below else 0.0)

    {
        H = Block.ofRows (Array.append [| flat 0.0; Array.map2 (+) (flat 1.0) corner |] (gaussian 1))
        Y = Block.ofRows (Array.append [| flat 1.0; flat 0.0 |] (gaussian 2))
        X = Block.ofRows (Array.append [| flat 2.0; flat 1.0 |] (gaussian 3))
    }

/// E‖C_{H,Y}(X) − X‖² ≤ (1−A)‖H − Y‖² + B‖X − Y‖², with A and B changed by `change`.
let private threePoint (change: float * float -> float * float) (ctx: CheckContext) (spec: MechanismSpec) =
    let m = mechanism spec
    let a, b = change (m.Constants entries)

    Enumerated.oneStep ctx {
        Process = {
            Name = m.Name
            Draw = m.Draw 1 entries
            Step = fun draw s -> { s with H = m.Apply draw s.H s.Y s.X }
            Cost = fun _ -> []
        }
        States = triples ctx spec (CheckContext.pick 50 200 200 ctx)
        Measure = fun s next -> Block.normSquared (next.H - s.X)
        Bound = fun s -> (1.0 - a) * Block.normSquared (s.H - s.Y) + b * Block.normSquared (s.X - s.Y)
        Relation = Relation.AtMost
        Keep = id
        Search = CheckContext.pick 3 5 100 ctx
    }

let private standard kind = {
    Kind = kind
    K = 2
    P = 0.5
    Zeta = 2.0
    S = 1.0
    Relative = false
    Seed = 1
}

let private kinds = [ "ef21"; "random"; "threshold"; "lag"; "clag"; "cbag" ]

let claim: Claim =
    Claim.create {
        Claim.spec
            "CE-NEWTON3PC.1"
            ClaimKind.Mean
            "EF21, LAG, CLAG, CBAG and the threshold are three-point compressors with the constants of their table"
            (Instances.generated
                (gen {
                    let! kind = Gen.elements kinds
                    let! k = Gen.choose (1, 8)
                    let! p = Gen.elements [ 0.2; 0.5; 0.9 ]
                    let! zeta = Gen.elements [ 0.5; 2.0; 8.0 ]
                    let! s = Gen.elements [ 0.1; 1.0; 5.0 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        Kind = kind
                        K = k
                        P = p
                        Zeta = zeta
                        S = s
                        Relative = false
                        Seed = seed
                    }
                })
                (fun spec ->
                    seq {
                        if spec.K > 1 then
                            { spec with K = 1 }

                        if spec.S <> 1.0 then
                            { spec with S = 1.0 }
                    })
             |> Instances.counts 3 10 60
             |> Instances.startingWith (kinds |> List.map standard))
            (threePoint id) with
            Formula = @"\mathbb E\|C_{H,Y}(X)-X\|_F^2\le(1-A)\|H-Y\|_F^2+B\|X-Y\|_F^2"
            Assumptions =
                "C ∈ B(α), s > 0: EF21 A = 1−(1−α)(1+s), B = (1−α)(1+1/s); LAG A = 1, B = ζ; CLAG A of EF21, B = max{B, ζ}; CBAG α ↦ pα"
            Source = "arXiv 2202.00998, arXiv 2206.03588; ‖H−X‖² ≤ (1+s)‖H−Y‖² + (1+1/s)‖X−Y‖²"
            Falsifiers = [
                Falsifier.check "LAG with B = ζ/2" (fun ctx spec ->
                    threePoint (fun (a, b) -> a, b / 2.0) ctx { spec with Kind = "lag" })
                Falsifier.check "EF21 with B = 1 − α" (fun ctx spec ->
                    threePoint (fun (a, b) -> a, b / (1.0 + 1.0 / spec.S)) ctx { spec with Kind = "ef21" })
                |> Falsifier.at [ standard "ef21" ]
                Falsifier.check "CBAG with α for pα" (fun ctx spec ->
                    let kept = (ef21 (fun _ -> spec.S) (topK spec.K)).Constants entries
                    threePoint (fun _ -> kept) ctx { spec with Kind = "cbag" })
                |> Falsifier.at [ standard "cbag" ]
            ]
            Tight =
                Some {
                    Instance = standard "lag"
                    AtLeast = 1.0 - 1e-9
                }
    }
