/// The theorem of the unified analysis, held against all methods of the paper (VI-SGDA.1).
///
/// Source and problem as in Parametric.fs.
module Theory.Algorithms.VariationalInequalities.SGDATheorem

open FsCheck.FSharp
open Theory
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.ParametricSGDA

/// A method on four summands, two workers or one operator of one rotation block each, with the theorem's free numbers.
[<NoComparison>]
type TheoremSpec = {
    /// One of `methods`.
    Method: string
    Mu: float
    MuSpread: float
    Skew: float
    SkewSpread: float
    Offset: float
    /// M over its least value B/ρ.
    Weight: float
    /// γ over the largest that the theorem allows for that M.
    Share: float
    Seed: int
}

/// A method on a problem with the theorem's checks, its state and draws hidden.
[<NoComparison; NoEquality>]
type private Checked = {
    Operator: IOperator
    Constants: Constants
    /// For γ: the assumption's pieces.
    Assumption: float -> Evidence list
    /// For r, γ and M: the decrease of V.
    Decrease: float -> float -> float -> Evidence
}

let private hide (case: float -> Case<'S, 'D>) : Checked =
    let c = case 1.0

    {
        Operator = c.Operator
        Constants = c.Constants
        Assumption = fun gamma -> assumption (case gamma)
        Decrease = fun r gamma m -> contractsAt r (case gamma) m
    }

let private gameOf workers (spec: TheoremSpec) =
    Games.rotationBlocks {
        Workers = workers
        Blocks = 1
        Mu = spec.Mu
        MuSpread = spec.MuSpread
        Skew = spec.Skew
        SkewSpread = spec.SkewSpread
        Offset = spec.Offset
        Seed = spec.Seed
    }

let private vrDiana spec gamma =
    let f = gameOf 2 spec
    let p = VRDIANASGDA.parametersFor (randK 1) 1 f

    VRDIANASGDA.caseOf
        f
        {
            p with
                Gamma = gamma
                Alpha = p.P / 3.0
        }
        (VRDIANASGDARate.workersAveraged f 1)

/// All special cases. Those with a control variate come last.
let private cases: (string * (TheoremSpec -> Checked)) list = [
    "SGDA", gameOf 4 >> UniformSGDA.case >> hide
    "SGDA-IS", gameOf 4 >> CocoerciveGame >> SampledSGDA.importanceCase >> hide
    "SGDA-MB", (fun spec -> hide (SampledSGDA.batchCase false (CocoerciveGame(gameOf 4 spec)) 2))
    "CSGDA", gameOf 1 >> CoordinateSGDA.case >> hide
    "QSGDA", gameOf 2 >> QSGDA.case >> hide
    "QSGDA, local noise", (fun spec -> hide (QSGDA.caseWith (randK 1) 1.0 (gameOf 2 spec)))
    "L-SVRGDA", gameOf 4 >> LSVRGDA.case >> hide
    "SAGA-SGDA", gameOf 4 >> SAGASGDA.case >> hide
    "SEGA-SGDA", gameOf 1 >> CoordinateSGDA.segaCase >> hide
    "DIANA-SGDA", gameOf 2 >> DIANASGDA.case >> hide
    "DIANA-SGDA, local noise", (fun spec -> hide (DIANASGDA.caseWith 1.0 (gameOf 2 spec)))
    "VR-DIANA-SGDA", (fun spec -> hide (vrDiana spec))
]

/// Names of the special cases.
let methods = cases |> List.map fst

let private withControl = methods |> List.skip 6

let private caseOf (spec: TheoremSpec) =
    (cases |> List.find (fun (name, _) -> name = spec.Method) |> snd) spec

/// M = Weight·B/ρ and γ = Share·limit.
let private numbers (spec: TheoremSpec) (c: Checked) =
    let m = spec.Weight * c.Constants.B / c.Constants.Rho
    m, spec.Share * limit c.Operator c.Constants m

let private theorem (spec: TheoremSpec) =
    let c = caseOf spec
    let m, gamma = numbers spec c
    onTop (c.Decrease (rate c.Operator c.Constants m gamma) gamma m) (c.Assumption gamma)

/// V alone with γ beyond the limit.
let private tooLong (spec: TheoremSpec) scale =
    let c = caseOf spec
    let m, gamma = numbers { spec with Share = scale } c
    c.Decrease (rate c.Operator c.Constants m gamma) gamma m

/// M far below B/ρ, γ that of the usual M: V does not even decrease.
let private tooLight (spec: TheoremSpec) share =
    let c = caseOf spec
    c.Decrease 0.0 (usualStep c.Operator c.Constants) (share * c.Constants.B / c.Constants.Rho)

let private standard: TheoremSpec = {
    Method = "SGDA"
    Mu = 1.0
    MuSpread = 1.0
    Skew = 1.0
    SkewSpread = 0.5
    Offset = 1.0
    Weight = 2.0
    Share = 1.0
    Seed = 1
}

let private on name = { standard with Method = name }

/// Summands that differ much, so that the control variate's error weighs nearly as much as B allows.
let private apart name = {
    on name with
        Skew = 0.0
        SkewSpread = 3.0
}

let private generator =
    gen {
        let! name = Gen.elements methods
        let! mu = Gen.elements [ 0.1; 1.0 ]
        let! muSpread = Gen.elements [ 0.0; 1.0 ]
        let! skew = Gen.elements [ 0.0; 0.3; 1.0; 3.0 ]
        let! skewSpread = Gen.elements [ 0.0; 0.5; 1.0 ]
        let! offset = Gen.elements [ 0.0; 1.0 ]
        let! weight = Gen.elements [ 1.1; 1.5; 2.0; 5.0 ]
        let! share = Gen.elements [ 0.3; 1.0 ]
        let! seed = Gen.choose (0, 10000)

        return {
            Method = name
            Mu = mu
            MuSpread = muSpread
            Skew = skew
            SkewSpread = skewSpread
            Offset = offset
            Weight = weight
            Share = share
            Seed = seed
        }
    }

let private shrink (spec: TheoremSpec) =
    seq {
        if spec.Method <> "SGDA" then
            { spec with Method = "SGDA" }

        if spec.Offset > 0.0 then
            { spec with Offset = 0.0 }

        if spec.MuSpread > 0.0 then
            { spec with MuSpread = 0.0 }

        if spec.SkewSpread > 0.0 then
            { spec with SkewSpread = 0.0 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.1"
            ClaimKind.Mean
            "E‖g‖² ≤ 2AT + Bσ² + D_1, E σ⁺² ≤ 2CT + (1−ρ)σ² + D_2, T = ⟨F(z),z−z*⟩: E V⁺ ≤ (1−r)V + γ²(D_1+MD_2), every method"
            (Instances.generated generator shrink
             |> Instances.startingWith (methods |> List.map on)
             |> Instances.counts 2 4 60)
            (fun _ spec -> theorem spec) with
            Formula =
                @"\mathbb E V_{k+1} \le (1-r)V_k+\gamma^2(D_1+MD_2),\quad V=\|z-z_*\|^2+M\gamma^2\sigma^2,\quad r=\min\{\gamma\mu,\rho-B/M\}"
            Assumptions = "M > B/ρ (M = 0 when B = 0), 0 < γ ≤ min{1/μ, 1/(2(A+CM))}, E g = F(z)"
            Source = "arXiv 2202.07262, Theorem 2.2; re-derived"
            Falsifiers = [
                for name in methods do
                    Falsifier.check $"{name}: γ × 6" (fun _ spec -> tooLong { spec with Method = name } 6.0)
                    |> Falsifier.at [ on name ]

                for name in withControl do
                    Falsifier.check $"{name}: M = B/(10ρ)" (fun _ spec -> tooLight { spec with Method = name } 0.1)
                    |> Falsifier.at [ apart name ]
            ]
            // Rand-1 with α = 1/(1+ω) attains the noise.
            Tight =
                Some {
                    Instance = on "DIANA-SGDA, local noise"
                    AtLeast = 0.999999
                }
    }
