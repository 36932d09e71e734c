/// Identities of THREE-PILLARS and its local solve (VI-PILLARS.2, .4, .6).
module Theory.Algorithms.VariationalInequalities.PillarsIdentities

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.ThreePillars

// ---- VI-PILLARS.2 ----------------------------------------------------------------------------------------------

/// n workers and dimension d.
[<NoComparison>]
type DealSpec = { Workers: int; Dimension: int }

/// Mean ā and second moment ‖ā‖² + A·(1/n)Σ‖a_i − ā‖², which is (1/n)Σ‖a_i‖² when A = 1.
let private moments (spec: DealSpec) draw receive =
    let n, d = spec.Workers, spec.Dimension

    let expected (a: Block) =
        if d >= n then
            Block.meanNormSquared a
        else
            Block.normSquared (Block.mean a)
            + PermK.varianceFactor n d * ReceivedMoments.spread a

    Pieces.all [
        ReceivedMoments.unbiased n d draw receive
        ReceivedMoments.second n d draw receive ReceivedMoments.squared expected
    ]

let momentsClaim: Claim =
    let sizes n d = { Workers = n; Dimension = d }

    Claim.create {
        Claim.spec
            "VI-PILLARS.2"
            ClaimKind.Exact
            "PermK: E(1/n)ΣQ_i(a_i) = ā, E‖(1/n)ΣQ_i(a_i)‖² = (1/n)Σ‖a_i‖² for d ≥ n; ‖ā‖² + (n−q)/(q(n−1))·(1/n)Σ‖a_i−ā‖² with q = ⌊n/d⌋ for d < n"
            (Instances.only [
                sizes 2 2
                sizes 2 4
                sizes 3 3
                sizes 4 4
                sizes 3 4
                sizes 4 2
                sizes 5 2
                sizes 1 2
            ])
            (fun _ spec -> moments spec (PermK.draw spec.Workers spec.Dimension) ReceivedMoments.meanOf) with
            Formula = @"\mathbb E\bigl\|\tfrac1n\textstyle\sum_iQ_i(a_i)\bigr\|^2=\tfrac1n\sum_i\|a_i\|^2"
            Assumptions =
                "one shared random permutation, also of coordinates with blanks (n does not divide d) or of a multiset"
            Source = "a coordinate is sent by a uniform set of q workers"
            Falsifiers = [
                Falsifier.check "blocks that each device draws on its own" (fun _ spec ->
                    let n, d = spec.Workers, spec.Dimension
                    let k = PermK.share n d
                    moments spec ((randK k).Draw n d) (fun draw a -> Block.mean ((randK k).Apply draw a)))
            ]
            Tight = Some { Instance = sizes 2 4; AtLeast = 1.0 }
    }

// ---- VI-PILLARS.4 ----------------------------------------------------------------------------------------------

/// The right side of a local problem, and a point.
type private Local = { V: Block; U: Block }

/// H steps of size `share`/κ̂ bring u closer to the exact solution, for every v and u.
let private approaches (spec: SimilarRotationSpec) gamma share =
    let f = SimilarOperators.rotations spec :> IServerOperator
    let factor = 1.0 - 1.0 / (4.0 * localCondition f gamma)

    let apart (s: Local) =
        Block.normSquared (s.U - (localProblem f gamma s.V).Solution)

    [ 1; 2; 5; 20; 50 ]
    |> List.map (fun steps ->
        Spectral.oneStep {
            Process = {
                Name = $"{steps} local steps"
                Draw = Draw.none
                Step =
                    fun () (s: Local) -> {
                        s with
                            U = localSteps f gamma share steps s.V s.U
                    }
                Cost = fun () -> []
            }
            Centre = {
                V = 0.0 * f.Solution
                U = f.Resolvent 0 gamma (0.0 * f.Solution)
            }
            Keeps = None
            Measure = apart
            Bound = fun s -> factor ** float steps * apart s
            Relation = Relation.AtMost
            MatchMoments = false
        })
    |> Pieces.all

let private standard: SimilarRotationSpec = {
    Workers = 3
    Blocks = 1
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    Delta = 0.3
    ToServer = true
    Offset = 1.0
    Seed = 1
}

let private stepsizes = [ 0.1; 1.0; 10.0 ]

let localClaim: Claim =
    let holds spec share =
        stepsizes |> List.map (fun gamma -> approaches spec gamma share) |> Pieces.all

    Claim.create {
        Claim.spec
            "VI-PILLARS.4"
            ClaimKind.Sure
            "H steps of EG with step 1/(4κ̂), κ̂ = 1 + γL_1, on u + γF_1(u) = v: ‖u_H − û‖² ≤ (1 − 1/(4κ̂))^H‖u_0 − û‖²"
            (SimilarOperators.instances 3 2 true
             |> Instances.startingWith [
                 standard
                 {
                     standard with
                         Blocks = 2
                         Skew = 10.0
                 }
             ]
             |> Instances.counts 1 2 20)
            (fun _ spec -> holds spec 0.25) with
            Formula = @"\|u_H-\hat u\|^2\le\bigl(1-\tfrac1{4(1+\gamma L_1)}\bigr)^H\|u_0-\hat u\|^2"
            Assumptions = "F_1 monotone and L_1-Lipschitz; γ ∈ {0.1, 1, 10}"
            Source = "VI-SURVEY.2 on a 1-strongly monotone, (1+γL_1)-Lipschitz operator"
            Falsifiers = [ Falsifier.check "step 2/κ̂" (fun _ spec -> holds spec 2.0) ]
    }

// ---- VI-PILLARS.6 ----------------------------------------------------------------------------------------------

let private both (s: State) = Block.ConcatDimension(s.Z, s.M)

/// The method with D_i = F_i − apart(F) in the devices' answers.
let private running (f: IServerOperator) (p: Parameters) differences =
    let own = Method.on f p method

    {
        own with
            Step = fun (draw, bit) s -> finishWith differences (compressed f draw) p bit s (solve f p s)
    }

/// Identical operators: z⁺ = u, and z⁺ + γF(z⁺) = z when p = 0.
let private proximal (spec: SimilarRotationSpec) apart =
    let f = SimilarOperators.rotations { spec with Delta = 0.0 } :> IServerOperator

    let p = {
        Gamma = 1.0 / f.Lipschitz
        P = 0.25
        LocalSteps = 0
    }

    let still = { p with P = 0.0 }

    [
        AffineIdentity.everyOutcome (running f p (apart f)) (init f.Solution) None (fun s -> s.Z) (solve f p)
        AffineIdentity.everyOutcome
            (running f still (apart f))
            (init f.Solution)
            None
            (fun s -> s.Z + still.Gamma * f.Operator s.Z)
            (fun s -> s.Z)
    ]

/// F_1 = 0: the step of MASHA1 with PermK, outcome by outcome.
let private uncoupled (spec: SimilarRotationSpec) apart =
    let f =
        SimilarOperators.emptyServer (SimilarOperators.rotations spec) :> IServerOperator

    let p = exactParameters 0.25 f

    let masha: MASHA1.Parameters = {
        Gamma = p.Gamma
        P = p.P
        Devices = PermK.permK f.Count
        Server = identity
    }

    let own = running f p (apart f)
    let other = MASHAPoints.onPoints f masha

    own.Draw.Outcomes
    |> Array.map (fun o ->
        let draw, bit = o.Outcome

        AffineIdentity.forEveryState (init f.Solution) None (own.Step o.Outcome >> both) (fun s ->
            let next = other.Step (draw, (CompressorDraw.Nothing, bit)) { Z = s.Z; W = s.M }

            Block.ConcatDimension(next.Z, next.W)))
    |> List.ofArray

let private reduces spec apart =
    Pieces.all (proximal spec apart @ uncoupled spec apart)
    |> Evidence.note "equal for every state in every outcome"

/// F_i − F in place of F_i − F_1.
let private fromMean (f: IServerOperator) (m: Block) (u: Block) =
    (f.Operators m - f.Operator m) - (f.Operators u - f.Operator u)

let reductionClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PILLARS.6"
            ClaimKind.Exact
            "identical operators: z⁺ = u, with p = 0 the proximal point method; F_1 = 0: MASHA1 with PermK, draw by draw"
            (SimilarOperators.instances 4 1 true
             |> Instances.startingWith [
                 standard
                 {
                     standard with
                         Workers = 2
                         Blocks = 2
                 }
             ]
             |> Instances.counts 1 2 20)
            (fun _ spec -> reduces spec differences) with
            Formula = @"z_{k+1}=(I+\gamma F)^{-1}z_k"
            Assumptions = "exact local solve"
            Source = "insert D_i = 0, and D_i = F_i"
            Falsifiers = [
                Falsifier.check "D_i = F_i − F in the answers" (fun _ spec -> reduces spec fromMean)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
