/// Centered clipping under attack: claim 8 of RP-BLOCKS.
///
/// Karimireddy, He, Jaggi, "Learning from History for Byzantine Robust Optimization", ICML 2021.
module Theory.Algorithms.RobustAndPrivate.CenteredClipping

open Theory
open Theory.Numerics
open Theory.Algorithms.RobustAndPrivate
open Theory.Algorithms.RobustAndPrivate.Crowds

// ---- 8: centered clipping ------------------------------------------------------------------------------------------

type Centre = {
    /// The current centre.
    V: Block
    Good: Block
    Bad: Block
}

/// τ = ½√((1−δ)A/δ), A = (1/G)Σ‖x_i − v‖².
let private levelOf (delta: float) (c: Centre) =
    (Block.meanNormSquared (c.Good - c.V)).SquareRoot()
    * (0.5 * sqrt ((1.0 - delta) / delta))

let private recentre (scale: float) delta (c: Centre) =
    let tau = scale * levelOf delta c

    {
        c with
            V = Aggregators.centeredClipping tau c.V (Block.ConcatWorkers(c.Good, c.Bad))
    }

/// One-round bounds, the geometric bound after five rounds, and the influence 2fτ/n of the bad inputs.
let private clips (scale: float) (ctx: CheckContext) (spec: CrowdSpec) =
    let delta = float spec.Faulty / float spec.Workers
    let good = goodOf spec
    let centre = Block.mean good

    let away (c: Centre) =
        Block.normSquared (c.V - Block.mean c.Good)

    let spreadOf (c: Centre) =
        Block.meanNormSquared (c.Good - Block.mean c.Good)

    let row = Evidence.row Relation.AtMost (spec.Workers * spec.Dimension) 5

    let rowsOf name measured bound =
        Array.map2 (row name) (Block.lanes measured) (Block.lanes bound) |> List.ofArray

    let first (c: Centre) =
        let a = (Block.meanNormSquared (c.Good - c.V))
        ((delta * (1.0 - delta)) * a).SquareRoot() + delta * (away c).SquareRoot()

    let ratio c =
        Array.map2 (/) (Block.lanes ((away (recentre scale delta c)).SquareRoot())) (Block.lanes (first c))

    let check name (c: Centre) =
        let next = recentre scale delta c
        let fifth = Seq.fold (fun s _ -> recentre scale delta s) c (seq { 1..5 })
        let contraction = (2.0 * delta) ** 5.0

        let replaced =
            recentre scale delta {
                c with
                    Bad = Block.repeatWorkers spec.Faulty c.V
            }

        rowsOf $"{name}: ‖v⁺−x̄‖" ((away next).SquareRoot()) (first c)
        @ rowsOf $"{name}: ‖v⁺−x̄‖²" (away next) (2.0 * delta * (spreadOf c + away c))
        @ rowsOf
            $"{name}: after 5 rounds"
            (away fifth)
            (contraction * away c + (2.0 * delta / (1.0 - 2.0 * delta)) * spreadOf c)
        @ rowsOf
            $"{name}: influence of the bad"
            (Block.norm (next.V - replaced.V))
            ((2.0 * float spec.Faulty / float spec.Workers) * levelOf delta c)

    let start = centre + CheckContext.gaussianStarts ctx 1 lanes spec.Dimension 2.0

    let under bad = {
        V = start
        Good = good
        Bad = bad good
    }

    let worst, _ =
        Search.climb ctx 12 id ratio (under (Aggregators.far 10.0 spec.Faulty))

    [
        for name, bad in attacks spec.Faulty do
            yield! check name (under bad)
        yield! check "searched" worst
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.AtMost

let centeredClipping: Claim =
    Claim.create {
        Claim.spec
            "RP-BLOCKS.8"
            ClaimKind.Sure
            "centered clipping with τ = ½√((1−δ)A/δ): ‖v⁺−x̄‖ ≤ √(δ(1−δ)A) + δe, ‖v⁺−x̄‖² ≤ 2δ(s²+e²), (2δ)^L e² + 2δs²/(1−2δ) after L rounds"
            crowdInstances
            (clips 1.0) with
            Formula = @"\|v^+-\bar x\| \le \sqrt{\delta(1-\delta)A}+\delta\|v-\bar x\|"
            Assumptions = "δ = f/n < 1/2, A = (1/G)Σ‖x_i−v‖², e = ‖v−x̄‖, s² the spread of the good"
            Source = "derived: ‖u − clip(u, τ)‖ ≤ ‖u‖²/(4τ) for good inputs and ‖clip‖ ≤ τ for bad ones"
            Valid = fun spec -> spec.Faulty >= 1 && 2 * spec.Faulty < spec.Workers
            Falsifiers = [ Falsifier.check "τ ten times larger" (clips 10.0) ]
    }
