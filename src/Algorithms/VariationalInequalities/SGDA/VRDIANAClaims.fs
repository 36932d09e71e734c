/// The estimator's moments and a Lyapunov function with two weights for VR-DIANA-SGDA (VI-SGDA.9 and .11).
module Theory.Algorithms.VariationalInequalities.VRDIANASGDAClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.ParametricSGDA
open Theory.Algorithms.VariationalInequalities.VRDIANASGDA

/// n workers with m components of one rotation block each.
[<NoComparison>]
type TwoLevelSpec = {
    Workers: int
    /// m.
    Components: int
    Mu: float
    MuSpread: float
    Skew: float
    SkewSpread: float
    Offset: float
    /// Probability of a new reference point.
    P: float
    Seed: int
}

/// The operator of a specification: n·m components.
let gameOf (spec: TwoLevelSpec) =
    Games.rotationBlocks {
        Workers = spec.Workers * spec.Components
        Blocks = 1
        Mu = spec.Mu
        MuSpread = spec.MuSpread
        Skew = spec.Skew
        SkewSpread = spec.SkewSpread
        Offset = spec.Offset
        Seed = spec.Seed
    }

let private generator =
    gen {
        let! workers, components = Gen.elements [ 1, 1; 1, 2; 1, 3; 2, 1; 2, 2 ]
        let! mu = Gen.elements [ 0.1; 1.0 ]
        let! muSpread = Gen.elements [ 0.0; 1.0 ]
        let! skew = Gen.elements [ 0.0; 0.3; 1.0; 3.0 ]
        let! skewSpread = Gen.elements [ 0.0; 0.3; 1.0 ]
        let! offset = Gen.elements [ 0.0; 1.0 ]
        let! p = Gen.elements [ 0.2; 0.5; 1.0 / float components ]
        let! seed = Gen.choose (0, 10000)

        return {
            Workers = workers
            Components = components
            Mu = mu
            MuSpread = muSpread
            Skew = skew
            SkewSpread = skewSpread
            Offset = offset
            P = p
            Seed = seed
        }
    }

let private shrink (spec: TwoLevelSpec) =
    seq {
        if spec.Workers > 1 then
            { spec with Workers = spec.Workers - 1 }

        if spec.Components > 1 then
            {
                spec with
                    Components = spec.Components - 1
            }

        if spec.MuSpread > 0.0 then
            { spec with MuSpread = 0.0 }

        if spec.SkewSpread > 0.0 then
            { spec with SkewSpread = 0.0 }

        if spec.Offset > 0.0 then
            { spec with Offset = 0.0 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// Two workers with two components each.
let standard: TwoLevelSpec = {
    Workers = 2
    Components = 2
    Mu = 1.0
    MuSpread = 1.0
    Skew = 1.0
    SkewSpread = 0.5
    Offset = 1.0
    P = 0.5
    Seed = 1
}

/// Generated specifications, the given ones first.
let instances fixedOnes =
    Instances.generated generator shrink
    |> Instances.startingWith fixedOnes
    |> Instances.counts 1 2 20

let private pair (spec: TwoLevelSpec) =
    let f = gameOf spec :> IFiniteSumOperator
    let p = parametersFor (randK 1) spec.Workers f
    f, { p with P = spec.P }

// ---- VI-SGDA.9 -------------------------------------------------------------------------------------------------

/// The method with references that stay: their coins have no part in these statements.
let private still (f: IFiniteSumOperator) (p: Parameters) step : Process<State, Outcome> = {
    Name = "VR-DIANA-SGDA, one estimate"
    Draw =
        Draw.both (Draw.subsets p.Workers 1 (components f p.Workers)) (p.Compressor.Draw p.Workers f.Dimension)
        |> Draw.map (fun (j, draw) -> j, Mask.Constant false, draw)
    Step = step
    Cost = fun _ -> []
}

/// Such a process on the states of VR-DIANA-SGDA against a quadratic function of them.
let private oneStep (f: IFiniteSumOperator) (p: Parameters) step relation measure bound =
    Spectral.oneStep {
        Process = still f p step
        Centre = fixedPoint f p
        Keeps = Some(keeps f p)
        Measure = measure
        Bound = bound
        Relation = relation
        MatchMoments = false
    }

/// (1/n) Σ_i E_j‖ĝ_i − v_i‖² for vectors v_i of the workers.
let private estimateError (f: IFiniteSumOperator) (p: Parameters) (v: Block) (s: State) =
    let m = components f p.Workers
    let owner = Indices.Constant(p.Workers, Array.init f.Count (fun at -> at / m))
    let each (x: Block) = x.PickWorkers owner

    Block.meanNormSquared (
        f.Operators s.Z - f.Operators(each s.W)
        + each (s.Values - Block.stretch (max s.Values.Lanes v.Lanes) v)
    )

/// E‖Q_i(ĝ_i−h_i) − (F_i(z)−h_i)‖² against ω‖F_i(z)−h_i‖² + (1+ω)E_j‖ĝ_i−F_i(z)‖², averaged over the workers.
let private compressedError (spec: TwoLevelSpec) relation scale =
    let f, p = pair spec
    let w = QSGDA.omega f p.Compressor
    let value (s: State) = workerOperators f p.Workers s.Z

    let error (j, _, draw) (s: State) = {
        s with
            H = p.Compressor.Apply draw (localEstimate f p j s - s.H) - (value s - s.H)
    }

    oneStep f p error relation (fun s -> Block.meanNormSquared s.H) (fun s ->
        w * Block.meanNormSquared (value s - s.H)
        + (scale * (1.0 + w)) * estimateError f p (value s) s)

/// E‖h_i⁺−h_i*‖² against (1−α)‖h_i−h_i*‖² + αE_j‖ĝ_i−h_i*‖²: an equality at α = 1/(1+ω).
let private shifts (spec: TwoLevelSpec) relation share =
    let f, p = pair spec
    let p = { p with Alpha = share * p.Alpha }
    let ideal = workerOperators f p.Workers f.Solution

    oneStep f p (step f p) relation (shiftError f p) (fun s ->
        (1.0 - p.Alpha) * shiftError f p s + p.Alpha * estimateError f p ideal s)

/// The estimator reads the shifts after their update.
let private reused (f: IFiniteSumOperator) (p: Parameters) (j, renew, draw) (s: State) =
    let next = step f p (j, renew, draw) s
    let m = p.Compressor.Apply draw (localEstimate f p j s - s.H)

    {
        next with
            Z = s.Z - p.Gamma * Block.mean (next.H + m)
    }

/// E ĝ_i = F_i(z) for every worker, and E g = F(z).
let private mean (spec: TwoLevelSpec) changed =
    let f, p = pair spec
    let c = caseOf f p (Cocoercivity.averaged f)

    [
        AffineIdentity.mean
            (still f p (fun (j, _, _) s -> { s with H = localEstimate f p j s }))
            (fixedPoint f p)
            (Some(keeps f p))
            (fun s -> s.H)
            (fun s -> workerOperators f p.Workers s.Z)
        unbiased {
            c with
                Process = still f p (changed f p)
        }
    ]

let momentsClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.9"
            ClaimKind.Mean
            "VR-DIANA-SGDA: E ĝ_i = F_i(z); E‖Q_i(ĝ_i−h_i)−(F_i(z)−h_i)‖² and E‖h_i⁺−h_i*‖², attained by Rand-k and α = 1/(1+ω)"
            (instances [
                standard
                {
                    standard with
                        Components = 3
                        Workers = 1
                }
            ])
            (fun _ spec ->
                Pieces.all (
                    compressedError spec Relation.Equal 1.0
                    :: shifts spec Relation.Equal 1.0
                    :: shifts spec Relation.AtMost 0.5
                    :: mean spec step
                )) with
            Formula =
                @"\mathbb E\|\mathcal Q_i(\hat g_i-h_i)-(F_i(z)-h_i)\|^2 \le \omega\|F_i(z)-h_i\|^2+(1+\omega)\mathbb E_j\|\hat g_i-F_i(z)\|^2"
            Assumptions =
                "independent Q_i ∈ U(ω), j uniform; α ≤ 1/(1+ω) in E‖h_i⁺−h_i*‖² ≤ (1−α)‖h_i−h_i*‖² + αE_j‖ĝ_i−h_i*‖²"
            Source = "derived: first over Q_i, then over j"
            Falsifiers = [
                Falsifier.check "h_i⁺ reused in g" (fun _ spec -> Pieces.all (mean spec reused))
                Falsifier.check "1 + ω → 1" (fun _ spec -> compressedError spec Relation.AtMost 0.5)
                Falsifier.check "α = 3/(1+ω)" (fun _ spec -> shifts spec Relation.AtMost 3.0)
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }

// ---- VI-SGDA.11 ------------------------------------------------------------------------------------------------

/// Without F_i(w_i): the references' components are subtracted and not put back.
let private notPutBack (f: IFiniteSumOperator) (p: Parameters) (j, renew, draw) (s: State) =
    let next = step f p (j, renew, draw) s
    let m = p.Compressor.Apply draw (localEstimate f p j s - s.Values - s.H)

    {
        next with
            Z = s.Z - p.Gamma * Block.mean (s.H + m)
            H = s.H + p.Alpha * m
    }

let private twoWeights (spec: TwoLevelSpec) scale changed =
    let f, p = pair spec
    let p = { p with Gamma = scale * p.Gamma }

    let proc = {
        Method.on f p method with
            Step = changed f p
    }

    Spectral.contraction proc (fixedPoint f p) (Some(keeps f p)) (lyapunov f p) (contraction f p) 0.0

let ownClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.11"
            ClaimKind.Mean
            "VR-DIANA-SGDA, V with a weight for each error: E V⁺ ≤ (1 − min{γμ, α/2, p/2})V for γ ≤ 1/(ℓ+(36ω+6)ℓ̃/n)"
            (instances [
                standard
                {
                    standard with
                        Components = 3
                        P = 1.0 / 3.0
                }
            ])
            (fun _ spec -> twoWeights spec 1.0 step) with
            Formula = @"\mathbb E V_{k+1} \le (1-\min\{\gamma\mu,\,\alpha/2,\,p/2\})V_k"
            Assumptions = "averaged cocoercivity ℓ̃ of the components, α = 1/(1+ω), M_1 = 4ω/(nα), M_2 = (20ω+4)/(np)"
            Source = "derived from three recursions; compare VI-SGDA.13"
            Falsifiers = [
                Falsifier.check "γ × 10" (fun _ spec -> twoWeights spec 10.0 step)
                Falsifier.check "F_i(w_i) missing in g" (fun _ spec -> twoWeights spec 1.0 notPutBack)
            ]
            Tight = Some { Instance = standard; AtLeast = 0.99 }
    }
