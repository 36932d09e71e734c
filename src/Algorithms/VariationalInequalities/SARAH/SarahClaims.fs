/// The estimate's decrease, its error and the outer step of SARAH-VI (VI-SARAH.1–4).
module Theory.Algorithms.VariationalInequalities.SarahClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.SarahVI

/// One inner step as a process.
let private inner (f: IFiniteSumOperator) gamma : Process<Inner, Indices> = {
    Name = "SARAH-VI, inner step"
    Draw = Draw.index f.Count
    Step = innerStep f gamma
    Cost = fun _ -> [ Charge.each Counter.ComponentCalls 2.0 ]
}

let private game spec =
    Games.rotationBlocks spec :> IFiniteSumOperator

let private centre (f: IFiniteSumOperator) : Inner = { Z = f.Solution; V = 0.0 * f.Solution }

let private standard: RotationSpec = {
    Workers = 3
    Blocks = 1
    Mu = 1.0
    MuSpread = 0.5
    Skew = 1.0
    SkewSpread = 0.3
    Offset = 1.0
    Seed = 1
}

let private symmetric: RotationSpec = {
    standard with
        Workers = 1
        Skew = 0.0
        SkewSpread = 0.0
}

/// ℓ/μ is at most a few hundred, so that K stays so.
let private instances maxWorkers maxBlocks =
    let generator =
        gen {
            let! spec = RotationSpec.generator maxWorkers maxBlocks
            let! mu = Gen.elements [ 0.3; 1.0 ]
            let! skew = Gen.elements [ 0.0; 0.3; 1.0 ]
            let! spread = Gen.elements [ 0.0; 0.3; 1.0 ]

            return {
                spec with
                    Mu = mu
                    Skew = skew
                    SkewSpread = spread
            }
        }

    Instances.generated generator RotationSpec.shrink
    |> Instances.startingWith [ standard; symmetric ]

// ---- VI-SARAH.1 ------------------------------------------------------------------------------------------------

let private shares = [ 0.1; 2.0 / 9.0; 1.0; 1.9 ]

/// E‖v⁺‖² ≤ (1 − times·γμ(2−γℓ))‖v‖² from every (z, v).
let private decreases (spec: RotationSpec) times =
    let f = game spec
    let l = Summands.cocoercivity f

    shares
    |> List.map (fun share ->
        let gamma = share / l
        let size (s: Inner) = Block.normSquared s.V
        let factor = 1.0 - times * gamma * f.Monotonicity * (2.0 - share)
        Spectral.contraction (inner f gamma) (centre f) None size (max 0.0 factor) 0.0)
    |> Pieces.all

let decreaseClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SARAH.1"
            ClaimKind.Mean
            "γ < 2/ℓ: E‖v_{t+1}‖² ≤ (1 − γμ(2−γℓ))‖v_t‖² from every (z_t, v_t)"
            (instances 5 2)
            (fun _ spec -> decreases spec 1.0) with
            Formula = @"\mathbb E\|v_{t+1}\|^2 \le (1-\gamma\mu(2-\gamma\ell))\|v_t\|^2"
            Assumptions = "every F_i ℓ-cocoercive, F μ-strongly monotone, 0 < γ < 2/ℓ"
            Source = "derived: E‖F_i(z⁺) − F_i(z)‖² ≤ −γℓ⟨F(z⁺) − F(z), v⟩ and ⟨F(z⁺) − F(z), v⟩ ≤ −γμ‖v‖²"
            Falsifiers = [ Falsifier.check "1 − 2γμ(2−γℓ)" (fun _ spec -> decreases spec 2.0) ]
            Tight =
                Some {
                    Instance = symmetric
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- VI-SARAH.2 ------------------------------------------------------------------------------------------------

/// E‖v_t − F(z_t)‖² + c E‖v_t‖² ≤ c‖v_0‖², c = γℓ/(2−γℓ), from every start.
let private tracks (spec: RotationSpec) (initial: IFiniteSumOperator -> Block -> Inner) =
    let f = game spec
    let l = Summands.cocoercivity f

    [ 2.0 / 9.0; 1.0 ]
    |> List.map (fun share ->
        let c = share / (2.0 - share)

        AllStarts.bound
            (inner f (share / l))
            (centre f)
            (initial f)
            f.Solution
            None
            [ 1; 2; 5; 20; 80 ]
            Relation.AtMost
            {
                Name = "E‖v_t − F(z_t)‖² + cE‖v_t‖²"
                Measure = fun s -> Block.normSquared (s.V - f.Operator s.Z) + c * Block.normSquared s.V
                Summary = Summary.Last
                Scale = fun s -> Block.normSquared s.V
                Bound = fun _ start -> c * start
                InExpectation = true
            })
    |> Pieces.all

/// v_0 = F_1(z_0).
let private single (f: IFiniteSumOperator) (z: Block) : Inner = {
    Z = z
    V = f.OperatorAt (Indices.Constant(f.Count, 0)) z
}

let errorClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SARAH.2"
            ClaimKind.Mean
            "E‖v_t − F(z_t)‖² ≤ (γℓ/(2−γℓ))(‖v_0‖² − E‖v_t‖²), v_0 = F(z_0), from every z_0"
            (instances 5 2)
            (fun _ spec -> tracks spec start) with
            Formula =
                @"\mathbb E\|v_t-F(z_t)\|^2 \le \frac{\gamma\ell}{2-\gamma\ell}\bigl(\|v_0\|^2-\mathbb E\|v_t\|^2\bigr)"
            Assumptions = "every F_i ℓ-cocoercive, 0 < γ < 2/ℓ, v_0 = F(z_0)"
            Source =
                "derived: v_t − F(z_t) is a martingale, ‖v_{t+1}‖² ≤ ‖v_t‖² − (2/(γℓ) − 1)‖F_i(z_{t+1}) − F_i(z_t)‖²"
            Falsifiers = [ Falsifier.check "v_0 = F_1(z_0)" (fun _ spec -> tracks spec single) ]
    }

// ---- VI-SARAH.3 ------------------------------------------------------------------------------------------------

/// E‖F(z_K)‖² ≤ factor·‖F(z_0)‖² after an outer step, for every z_0.
let private outer (spec: RotationSpec) (p: Parameters) (factor: float) =
    let f = game spec

    AllStarts.bound (inner f p.Gamma) (centre f) (start f) f.Solution None [ p.K ] Relation.AtMost {
        Name = "E‖F(z_K)‖²"
        Measure = fun s -> Block.normSquared (f.Operator s.Z)
        Summary = Summary.Last
        Scale = fun s -> Block.normSquared s.V
        Bound = fun _ s -> factor * s
        InExpectation = true
    }

/// The theorem's K (divided), and the general factor at other lengths and steps.
let private halves (spec: RotationSpec) divided =
    let f = game spec
    let p = parameters f

    Pieces.all [
        outer
            spec
            {
                p with
                    K = (p.K + divided - 1) / divided
            }
            0.5
        for k in [ 1; 3; 20 ] do
            for share in [ 2.0 / 9.0; 0.5 ] do
                let other = {
                    Gamma = share / Summands.cocoercivity f
                    K = k
                }

                outer spec other (outerFactor f other)
    ]

let private slow: RotationSpec = {
    standard with
        Blocks = 2
        MuSpread = 0.0
        Skew = 1.0
        SkewSpread = 0.0
}

let outerClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SARAH.3"
            ClaimKind.Mean
            "γ = 2/(9ℓ), K = ⌈ln 8/((16/9)γμ)⌉: E‖F(z̃⁺)‖² ≤ ½‖F(z̃)‖²; for other γ, K with the factor 2(1−γμ(2−γℓ))^K + 2γℓ/(2−γℓ)"
            (instances 5 2 |> Instances.startingWith [ slow ])
            (fun _ spec -> halves spec 1) with
            Formula = @"\mathbb E\|F(\tilde z^+)\|^2 \le \tfrac12\|F(\tilde z)\|^2"
            Assumptions = "every F_i ℓ-cocoercive, F μ-strongly monotone; K = O(ℓ/μ)"
            Source = "arXiv 2210.05994; derived from VI-SARAH.1 and .2"
            Falsifiers = [ Falsifier.check "K one eighth as large" (fun _ spec -> halves spec 8) ]
    }

/// Outer steps until the bound is below ε of the start, and the calls that the run then shows.
let private calls (ctx: CheckContext) (spec: RotationSpec) (constant: float) =
    let f = game spec
    let p = parameters f
    let n = float f.Count

    [ 0.1; 1e-3 ]
    |> List.map (fun epsilon ->
        let steps = int (ceil (System.Math.Log2(1.0 / epsilon)))

        let counters =
            (Run.trajectories
                ctx
                (Method.on f p method)
                {
                    Z = f.Solution + Block.Fill(Shape.Vector(1, 1, f.Dimension), 1.0)
                }
                {
                    Steps = steps
                    Every = steps
                    Measures = []
                    Progress = None
                })
                .Counters

        let spent counter = (Array.last counters[counter])[0]
        let total = n * spent Counter.OperatorCalls + spent Counter.ComponentCalls

        [
            Evidence.row
                Relation.AtMost
                1
                1
                $"bound after {steps} outer steps"
                (outerFactor f p ** float steps)
                epsilon
            Evidence.row
                Relation.AtMost
                1
                1
                $"component calls of {steps} outer steps"
                total
                ((n + 2.0 + constant * Summands.cocoercivity f / f.Monotonicity) * float steps)
        ]
        |> Evidence.ofRows Rung.Trajectories Relation.AtMost)
    |> Pieces.all

let callsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SARAH.3b"
            ClaimKind.Count
            "⌈log₂(1/ε)⌉ outer steps reach E‖F‖² ≤ ε‖F(z_0)‖², with n + 2K component calls each, at most n + 2 + (81/16)ln 8·ℓ/μ"
            (instances 5 1)
            (fun ctx spec -> calls ctx spec (81.0 / 16.0 * log 8.0)) with
            Formula = @"O\bigl((n+\tfrac\ell\mu)\log\tfrac1\varepsilon\bigr)"
            Assumptions = "as VI-SARAH.3"
            Source = "2K ≤ 2 + 2 ln 8·(9/16)(9/2)ℓ/μ"
            Falsifiers = [
                Falsifier.check "constant of ℓ/μ halved" (fun ctx spec -> calls ctx spec (81.0 / 32.0 * log 8.0))
            ]
    }

// ---- VI-SARAH.4 ------------------------------------------------------------------------------------------------

/// An inner step beside an anchor, which only the falsifier uses.
type private Anchored = { Z: Block; V: Block; Anchor: Block }

/// E v⁺ = F(z⁺) − F(z) + v, so v − F(z) keeps its mean; with one summand every outcome keeps v = F(z).
let private unbiased (spec: RotationSpec) anchored =
    let f = game spec
    let gamma = (parameters f).Gamma
    let next (s: Anchored) = s.Z - gamma * s.V

    let proc: Process<Anchored, Indices> = {
        Name = "SARAH-VI, inner step"
        Draw = Draw.index f.Count
        Step =
            fun i s ->
                if anchored then
                    {
                        s with
                            Z = next s
                            V = f.OperatorAt i (next s) - f.OperatorAt i s.Anchor + f.Operator s.Anchor
                    }
                else
                    let one = innerStep f gamma i { Inner.Z = s.Z; V = s.V }
                    { s with Z = one.Z; V = one.V }
        Cost = fun _ -> []
    }

    let centre = {
        Z = f.Solution
        V = 0.0 * f.Solution
        Anchor = f.Solution
    }

    Pieces.all [
        AffineIdentity.mean proc centre None (fun s -> s.V) (fun s -> f.Operator(next s) - f.Operator s.Z + s.V)
        AffineIdentity.mean proc centre None (fun s -> s.V - f.Operator s.Z) (fun s -> s.V - f.Operator s.Z)
        if f.Count = 1 then
            AffineIdentity.everyOutcome proc centre (Some(fun s -> s.V - f.Operator s.Z)) (fun s -> s.V) (fun s ->
                f.Operator(next s))
    ]

let meanClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SARAH.4"
            ClaimKind.Exact
            "E[v_{t+1} | past] = F(z_{t+1}) − F(z_t) + v_t, so E[v_t − F(z_t)] = 0; with n = 1 v_t = F(z_t) always"
            (instances 5 2)
            (fun _ spec -> unbiased spec false) with
            Formula = @"\mathbb E[v_{t+1}\mid z_t,v_t] = F(z_{t+1})-F(z_t)+v_t"
            Assumptions = "i uniform; v_{t+1} is a biased estimate of F(z_{t+1}) unless v_t = F(z_t)"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "an anchor in place of the point before" (fun _ spec -> unbiased spec true)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
