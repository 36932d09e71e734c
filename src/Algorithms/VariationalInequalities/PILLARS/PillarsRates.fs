/// The rates of THREE-PILLARS and TPAPP (VI-PILLARS.1, .3, .7, .8).
module Theory.Algorithms.VariationalInequalities.PillarsRates

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ThreePillars

let private standard: SimilarRotationSpec = {
    Workers = 4
    Blocks = 2
    Mu = 0.1
    MuSpread = 0.5
    Skew = 1.0
    Delta = 0.3
    ToServer = true
    Offset = 1.0
    Seed = 1
}

/// δ ≈ L, where the rate is nearly attained.
let private unlike = {
    standard with
        Delta = 1.0
        MuSpread = 0.0
}

let private problem spec =
    SimilarOperators.rotations spec :> IServerOperator

let private centre (f: IServerOperator) = init f.Solution

/// PermK deals 6 coordinates to 3 workers in 90 ways; more outcomes teach nothing.
let private few (spec: SimilarRotationSpec) = spec.Workers <= 3 || spec.Blocks <= 2

let private instances =
    SimilarOperators.instances 4 2 true |> Instances.counts 1 3 20

// ---- VI-PILLARS.1 ----------------------------------------------------------------------------------------------

/// Any step of the methods' shape against Φ and its factor at the parameters `own` of the theorem.
let private against (f: IServerOperator) (own: Parameters) (proc: Process<State, 'D>) =
    Spectral.contraction proc (centre f) None (lyapunov f) (contraction f own) 0.0

/// Both methods with an exact solve, for several p; `scale` multiplies γ.
let private contracts (spec: SimilarRotationSpec) scale =
    let f = problem spec

    Pieces.all [
        for p in [ probability f; 0.1 ] do
            let own = exactParameters p f
            let run = { own with Gamma = scale * own.Gamma }
            yield against f own (Method.on f run method)
            yield against f own (Method.on f run tpapp)
    ]

/// v without −γ(F − F_1)(m).
let private uncorrected (spec: SimilarRotationSpec) =
    let f = problem spec
    let p = exactParameters (probability f) f
    let own = Method.on f p method

    against f p {
        own with
            Step =
                fun (draw, bit) s ->
                    f.Resolvent 0 p.Gamma (s.Z + p.P * (s.M - s.Z))
                    |> finish (compressed f draw) f p bit s
    }

let exactClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PILLARS.1"
            ClaimKind.Mean
            "exact local solve, PermK or one device: E Φ_{k+1} ≤ (1 − γμ/2)Φ_k; neither L nor L_1 enters"
            (instances
             |> Instances.startingWith [
                 { standard with Workers = 2 }
                 standard
                 {
                     standard with
                         Workers = 3
                         Blocks = 3
                 }
                 unlike
             ])
            (fun _ spec -> contracts spec 1.0) with
            Formula = @"\mathbb E\Phi_{k+1}\le(1-\gamma\mu/2)\Phi_k,\quad\Phi_k=\|z_k-z_*\|^2+\|m_k-z_*\|^2"
            Assumptions = "γ = min{√(p/2)/δ, p/(2μ), (1−p)/μ}, F_1 monotone"
            Source =
                "derived: one step of variance-reduced forward-backward-forward, where the exact solve takes over the part F_1; the paper's order O(1/p + δ/(√p μ)) rounds"
            Valid = few
            Falsifiers = [
                Falsifier.check "γ × 3" (fun _ spec -> contracts spec 3.0)
                |> Falsifier.at [ unlike ]
                Falsifier.check "v without −γ(F − F_1)(m)" (fun _ spec -> uncorrected spec)
            ]
            Tight = Some { Instance = unlike; AtLeast = 0.95 }
    }

// ---- VI-PILLARS.3 ----------------------------------------------------------------------------------------------

/// A state with the residual r that the local solve leaves.
type private Residual = { Z: Block; M: Block; R: Block }

/// E Φ⁺ ≤ (1 − (3/8)γμ)Φ + weight·(2/(γμ))‖r‖² from every z, m and r.
let private disturbed (spec: SimilarRotationSpec) weight =
    let f = problem spec
    let p = exactParameters (probability f) f
    let own = Method.on f p method
    let points (s: Residual) : State = { Z = s.Z; M = s.M }

    Spectral.oneStep {
        Process = {
            Name = "THREE-PILLARS with a residual"
            Draw = own.Draw
            Step =
                fun (draw, bit) (s: Residual) ->
                    let next =
                        f.Resolvent 0 p.Gamma (target f p (points s) + s.R)
                        |> finish (compressed f draw) f p bit (points s)

                    { s with Z = next.Z; M = next.M }
            Cost = fun _ -> []
        }
        Centre = {
            Z = f.Solution
            M = f.Solution
            R = 0.0 * f.Solution
        }
        Keeps = None
        Measure = fun s -> lyapunov f (points s)
        Bound =
            fun s ->
                inexactContraction f p * lyapunov f (points s)
                + (weight * 2.0 / (p.Gamma * f.Monotonicity)) * Block.normSquared s.R
        Relation = Relation.AtMost
        MatchMoments = false
    }

let residualClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-PILLARS.3"
            ClaimKind.Mean
            "local solve with residual r = u + γF_1(u) − v: E Φ⁺ ≤ (1 − (3/8)γμ)Φ + (2/(γμ))‖r‖², for every z, m and r"
            (instances |> Instances.startingWith [ { standard with Workers = 2 }; unlike ])
            (fun _ spec -> disturbed spec 1.0) with
            Formula = @"\mathbb E\Phi^+\le(1-\tfrac38\gamma\mu)\Phi+\tfrac{2}{\gamma\mu}\|r\|^2"
            Assumptions = "γ of VI-PILLARS.1; r is known before the round's draw"
            Source = "derived: 2⟨r, u − z*⟩ ≤ (γμ/2)‖u − z*‖² + (2/(γμ))‖r‖²"
            Valid = few
            Falsifiers = [ Falsifier.check "without the term in r" (fun _ spec -> disturbed spec 0.0) ]
    }

// ---- VI-PILLARS.7 ----------------------------------------------------------------------------------------------

/// H steps of EG: the residual obeys the relative rule, and Φ contracts; for every state. `steps` replaces H.
let private relative (spec: SimilarRotationSpec) (steps: int option) =
    let f = problem spec
    let own = localParameters (probability f) f

    let run = {
        own with
            LocalSteps = Option.defaultValue own.LocalSteps steps
    }

    let rest: Process<State, unit> = {
        Name = "no step"
        Draw = Draw.none
        Step = fun () s -> s
        Cost = fun () -> []
    }

    let residual s =
        let u = solve f run s
        Block.normSquared (u + run.Gamma * f.Server u - target f run s)

    let allowed s =
        tolerance f run * Block.normSquared (solve f run s - s.Z)

    Pieces.all [
        Spectral.oneStep {
            Process = rest
            Centre = centre f
            Keeps = None
            // The allowed residual stands on both sides: alone, one of 1e-12 would be rounding and no quadratic.
            Measure = fun s -> residual s + allowed s
            Bound = fun s -> 2.0 * allowed s
            Relation = Relation.AtMost
            MatchMoments = false
        }
        Spectral.contraction (Method.on f run tpappEG) (centre f) None (lyapunov f) (inexactContraction f own) 0.0
    ]

let relativeClaim: Claim =
    let one = {
        standard with
            Workers = 3
            Blocks = 1
    }

    Claim.create {
        Claim.spec
            "VI-PILLARS.7"
            ClaimKind.Mean
            "H = ⌈8κ̂ ln(1+1/t)⌉ EG steps from z give ‖r‖² ≤ (γμ(1−p)/8)‖u − z‖² and E Φ⁺ ≤ (1 − (3/8)γμ)Φ, without a floor"
            (SimilarOperators.instances 5 1 true
             |> Instances.startingWith [
                 one
                 {
                     one with
                         Workers = 2
                         Skew = 10.0
                         Delta = 1.0
                 }
                 {
                     one with
                         Workers = 5
                         Mu = 1.0
                         Skew = 100.0
                         Delta = 3.0
                 }
             ]
             |> Instances.counts 1 3 20)
            (fun _ spec -> relative spec None) with
            Formula =
                @"\|u+\gamma F_1(u)-v\|^2\le\tfrac{\gamma\mu(1-p)}8\|u-z\|^2\ \Rightarrow\ \mathbb E\Phi^+\le(1-\tfrac38\gamma\mu)\Phi"
            Assumptions = "γ of VI-PILLARS.1, EG with step 1/(4κ̂), κ̂ = 1 + γL_1, t = √(γμ(1−p)/8)/κ̂; one device answers"
            Source = "derived: VI-PILLARS.3 keeps −((1−p)/4)‖z − u‖², which absorbs the residual; H from VI-PILLARS.4"
            // Thousands of local steps for every outcome take time, and no more instances are needed to see H suffice.
            Valid = fun spec -> (let f = problem spec in (localParameters (probability f) f).LocalSteps <= 2000)
            Falsifiers = [ Falsifier.check "H = 1" (fun _ spec -> relative spec (Some 1)) ]
    }

// ---- VI-PILLARS.8 ----------------------------------------------------------------------------------------------

/// E Φ⁺ ≤ Φ − (γ²/6)‖F(u)‖², which sums to the bound for every K; `scale` multiplies γ.
let private decreases (f: IServerOperator) (run: Parameters) (proc: Process<State, 'D>) =
    Spectral.oneStep {
        Process = proc
        Centre = centre f
        Keeps = None
        Measure = lyapunov f
        Bound =
            fun s ->
                lyapunov f s
                - (run.Gamma ** 2.0 / 6.0) * Block.normSquared (f.Operator(solve f run s))
        Relation = Relation.AtMost
        MatchMoments = false
    }

/// The one-step decrease for both methods, and the bound itself along runs of one of them from every start at once.
let private monotone (spec: SimilarRotationSpec) scale =
    let f = problem { spec with Mu = 0.0 }

    let at p =
        let own = {
            exactParameters p f with
                Gamma = monotoneGamma f p
        }

        { own with Gamma = scale * own.Gamma }

    let run = at (probability f)

    let along =
        AllStarts.bound
            (Method.on f run tpapp)
            (centre f)
            init
            f.Solution
            None
            [ 1; 20; 400 ]
            Relation.AtMost
            (monotoneBound f run)

    let steps = [
        for p in [ probability f; 0.1; 0.5 ] do
            yield decreases f (at p) (Method.on f (at p) tpapp)
            yield decreases f (at p) (Method.on f (at p) method)
    ]

    {
        Evidence.all (along :: steps) with
            Tightness = along.Tightness
            Note = along.Note
    }

let monotoneClaim: Claim =
    let one = {
        standard with
            Workers = 3
            Blocks = 1
            Mu = 0.0
            Delta = 1.0
    }

    Claim.create {
        Claim.spec
            "VI-PILLARS.8"
            ClaimKind.Mean
            "μ = 0, exact solve: (1/K)Σ_{k<K} E‖F(u_k)‖² ≤ 24δ²R0²/(pK) for every K, from every start; PermK or one device"
            (SimilarOperators.instances 5 1 true
             |> Instances.startingWith [
                 one
                 { one with Workers = 5; Skew = 10.0 }
                 { one with Workers = 2; Skew = 0.1 }
             ]
             |> Instances.counts 1 2 20)
            (fun _ spec -> monotone spec 1.0) with
            Formula = @"\tfrac1K\sum_{k<K}\mathbb E\|F(u_k)\|^2\le\frac{24\delta^2R_0^2}{pK}"
            Assumptions = "F monotone, γ = √(p/2)/δ; no bound on the iterates"
            Source =
                "derived: with μ = 0 a step leaves −(1−p)‖z−u‖² − (p/2)‖u−m‖², and F(u) = (z̄−u)/γ + D(u) − D(m); the order O(nδ²D²/ε) is restated by Zhou, Ye, Luo, NeurIPS 2024"
            Falsifiers = [ Falsifier.check "γ × 3" (fun _ spec -> monotone spec 3.0) ]
    }
