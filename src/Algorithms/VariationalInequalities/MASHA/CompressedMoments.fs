/// Second moments of what MASHA's server receives (VI-MASHA.2 and .8): exact identities in the vectors a_m, proved for all
/// of them at once as equalities of quadratic forms.
module Theory.Algorithms.VariationalInequalities.CompressedMoments

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient
open Theory.Algorithms.CommunicationEfficient.Compressors

/// Sizes of an identity.
[<NoComparison>]
type MomentSpec = {
    /// Devices M.
    Workers: int
    /// Coordinates per device in PermK, so that d = Workers · Share; also K of RandK.
    Share: int
    /// Components of each device; also the size r ≤ M of a sample of devices.
    Parts: int
}

let private perm (spec: MomentSpec) draw receive = [
    for measure, bound in
        [
            ReceivedMoments.squared, Block.meanNormSquared
            ReceivedMoments.deviation, ReceivedMoments.spread
        ] -> ReceivedMoments.second spec.Workers (spec.Workers * spec.Share) draw receive measure bound
]

/// (1/M) Σ ‖a_m‖² and (1/M) Σ ‖a_m − ā‖².
let private permK (spec: MomentSpec) =
    perm spec (PermK.draw spec.Workers (spec.Workers * spec.Share)) ReceivedMoments.meanOf

/// The same with coordinates that every device draws on its own.
let private independent (spec: MomentSpec) =
    let m, d = spec.Workers, spec.Workers * spec.Share
    perm spec (Draw.subsets m spec.Share d) (fun (c: Indices) a -> Block.mean (float m * a.Keep c))

/// ‖ā‖² + (ω/M²) Σ ‖a_m‖² for independent RandK; `shared` draws once for all devices.
let private rand (spec: MomentSpec) shared =
    let m, d = spec.Workers, spec.Workers * spec.Share
    let q = randK (min spec.Parts d)
    let omega = q.Omega d |> Option.get
    let draw = if shared then q.Draw 1 d else q.Draw m d

    ReceivedMoments.second m d draw (fun c a -> Block.mean (q.Apply c a)) ReceivedMoments.squared (fun a ->
        Block.normSquared (Block.mean a) + omega / float m * Block.meanNormSquared a)

let private instances =
    let generator =
        gen {
            let! workers = Gen.choose (2, 3)
            let! share = Gen.choose (1, 2)
            let! parts = Gen.choose (1, 3)

            return {
                Workers = workers
                Share = share
                Parts = parts
            }
        }

    let shrink spec =
        seq {
            if spec.Workers > 2 then
                { spec with Workers = 2 }

            if spec.Share > 1 then
                { spec with Share = 1 }

            if spec.Parts > 1 then
                { spec with Parts = spec.Parts - 1 }
        }

    Instances.generated generator shrink |> Instances.counts 1 3 12

let private small = { Workers = 2; Share = 2; Parts = 2 }

let compressed: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.2"
            ClaimKind.Exact
            "E‖(1/M)ΣQ_m(a_m)‖² = ‖ā‖² + (ω/M²)Σ‖a_m‖² for independent RandK; = (1/M)Σ‖a_m‖² for PermK, with variance (1/M)Σ‖a_m − ā‖²"
            (instances |> Instances.startingWith [ small ])
            (fun _ spec -> Pieces.all (rand spec false :: permK spec)) with
            Formula =
                @"\mathbb E\|\tfrac1M\textstyle\sum Q_m(a_m)\|^2 = \|\bar a\|^2 + \tfrac{\omega}{M^2}\sum\|a_m\|^2"
            Assumptions = "RandK: ω = d/K − 1; PermK: d = qM, one shared permutation"
            Source = "expand; coordinates of PermK are sent by one device each"
            // Outcomes are counted: RandK has binom(d, K)^M of them.
            Valid = fun spec -> spec.Workers * spec.Share <= 4 || spec.Parts = 1
            Falsifiers = [
                Falsifier.check "RandK with coordinates shared by all devices" (fun _ spec -> rand spec true)
                Falsifier.check "independent RandK in place of PermK" (fun _ spec -> Pieces.all (independent spec))
            ]
            Tight = Some { Instance = small; AtLeast = 1.0 }
    }

// ---- VI-MASHA.8 ------------------------------------------------------------------------------------------------

/// ‖ā‖² + ((M−r)/(r(M−1)))·(1/M) Σ ‖a_m − ā‖² for r of M devices.
let private partial (spec: MomentSpec) (draw: Draw<Indices>) =
    // A larger M than the other identities have, so that 1 < r < M.
    let m, r = spec.Workers + 2, spec.Parts
    let factor = float (m - r) / float (r * (m - 1))

    ReceivedMoments.second m spec.Share draw (fun c a -> Block.mean (a.PickWorkers c)) ReceivedMoments.squared (fun a ->
        Block.normSquared (Block.mean a) + factor * ReceivedMoments.spread a)

/// ‖ā‖² + (1/M²) Σ_m [boost·E_j‖a_mj‖² − ‖a_m‖²] for RandK of one random component a_mj of each device; boost = 1 + ω.
let private components (spec: MomentSpec) boosted =
    let m, n, d = spec.Workers, spec.Parts, spec.Share + 1
    let q = randK 1
    let boost = if boosted then 1.0 + Option.get (q.Omega d) else 1.0

    let draw =
        Draw.both
            (Draw.indices n m
             |> Draw.map (fun j ->
                 let own = Array.init (j.Lanes * m) (fun at -> at % m * n + j.Values[at])
                 Indices(1, j.Lanes, m, m * n, own)))
            (q.Draw m d)

    let groups (a: Block) =
        Block.ConcatWorkers(Array.init m (fun w -> Block.mean (a.SliceWorkers(w * n, n))))

    let receive (j, c) (a: Block) =
        Block.mean (q.Apply c (a.PickWorkers j))

    ReceivedMoments.second (m * n) d draw receive ReceivedMoments.squared (fun a ->
        Block.normSquared (Block.mean a)
        + (boost * Block.meanNormSquared a - Block.meanNormSquared (groups a)) / float m)

let private withoutReplacement (spec: MomentSpec) =
    Draw.subset spec.Parts (spec.Workers + 2)

let variants: Claim =
    Claim.create {
        Claim.spec
            "VI-MASHA.8"
            ClaimKind.Exact
            "second moments of VR-MASHA1 (one component per device, RandK) and PP-MASHA1 (r of M devices)"
            (instances |> Instances.startingWith [ small ])
            (fun _ spec -> Pieces.all [ partial spec (withoutReplacement spec); components spec true ]) with
            Formula =
                @"\|\bar a\|^2+\tfrac1{M^2}\textstyle\sum_m[(1+\omega)\mathbb E_j\|a_{mj}\|^2-\|a_m\|^2],\quad \|\bar a\|^2+\tfrac{M-r}{r(M-1)}\tfrac1M\sum\|a_m-\bar a\|^2"
            Assumptions = "hence VI-MASHA.1 holds with C² = L² + (1+ω)L̂²/M, and with C² = L² + (M−r)/(r(M−1))·L̃²"
            Source = "expand"
            Falsifiers = [
                Falsifier.check "devices sampled with replacement" (fun _ spec ->
                    partial spec (Draw.indices (spec.Workers + 2) spec.Parts))
                Falsifier.check "1 + ω → 1" (fun _ spec -> components spec false)
            ]
            Tight = Some { Instance = small; AtLeast = 1.0 }
    }
