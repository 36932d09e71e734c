/// Where the methods coincide with descent-ascent and with each other (VI-SGDA.8).
///
/// Source and problem as in Parametric.fs.
module Theory.Algorithms.VariationalInequalities.SGDAReductions

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors

/// Where a method reads what its step also renews.
type private Order =
    | Before
    | After

/// One GDA step.
let private gda (f: IOperator) gamma (z: Block) =
    (GDA.step f { GDA.Parameters.Gamma = gamma } { GDA.State.Z = z }).Z

/// Every outcome of a method moves z as GDA does, from every state.
let private isGDA (f: IOperator) gamma (proc: Process<'S, 'D>) centre keeps (z: 'S -> Block) =
    AffineIdentity.everyOutcome proc centre keeps z (fun s -> gda f gamma (z s))

/// L-SVRGDA with one summand: F_i(w) and F(w) cancel unless w moves between them.
let private variance (f: IFiniteSumOperator) gamma order =
    let p: LSVRGDA.Parameters = { Gamma = gamma; P = 1.0 }

    let misplaced (i, renew) (s: LSVRGDA.State) =
        LSVRGDA.step f p (i, renew) {
            s with
                W = Block.choose renew s.Z s.W
        }

    let proc = {
        Method.on f p LSVRGDA.method with
            Step = if order = Before then LSVRGDA.step f p else misplaced
    }

    isGDA f gamma proc (LSVRGDA.fixedPoint f) (Some(fun s -> s.Value - f.Operator s.W)) (fun s -> s.Z)

/// QSGDA without compression.
let private quantized (f: IFiniteSumOperator) gamma compressor =
    let p: QSGDA.Parameters = {
        Gamma = gamma
        Sigma = 0.0
        Compressor = compressor
    }

    isGDA f gamma (Method.on f p QSGDA.method) { ParametricSGDA.State.Z = f.Solution } None (fun s -> s.Z)

/// DIANA-SGDA without compression, with any α: z⁺ in one step, or from the renewed shifts.
let private shifted (f: IFiniteSumOperator) gamma alpha order =
    let p: DIANASGDA.Parameters = {
        Gamma = gamma
        Alpha = alpha
        Sigma = 0.0
        Compressor = identity
    }

    let misplaced (draw: QSGDA.Outcome) (s: DIANASGDA.State) =
        let next = DIANASGDA.step f p draw s
        let m = f.Operators s.Z - s.H

        {
            next with
                Z = s.Z - gamma * Block.mean (next.H + m)
        }

    let proc = {
        Method.on f p DIANASGDA.method with
            Step = if order = Before then DIANASGDA.step f p else misplaced
    }

    isGDA f gamma proc (DIANASGDA.fixedPoint f) None (fun s -> s.Z)

/// VR-DIANA-SGDA with one component a worker moves z and the shifts as DIANA-SGDA does, for every outcome and state.
let private vrDiana (f: IFiniteSumOperator) gamma order =
    let p = {
        VRDIANASGDA.parametersFor (randK 1) f.Count f with
            Gamma = gamma
            P = 0.5
    }

    let diana: DIANASGDA.Parameters = {
        Gamma = gamma
        Alpha = p.Alpha
        Sigma = 0.0
        Compressor = p.Compressor
    }

    let both z h = Block.ConcatWorkers(z, h)

    [
        for o in (VRDIANASGDA.method.Draw f p).Outcomes do
            let _, renew, draw = o.Outcome

            let moved (s: VRDIANASGDA.State) =
                let s =
                    if order = Before then
                        s
                    else
                        {
                            s with
                                W = Block.choose renew s.Z s.W
                        }

                let next = VRDIANASGDA.step f p o.Outcome s
                both next.Z next.H

            let expected (s: VRDIANASGDA.State) =
                let next = DIANASGDA.step f diana (draw, Mask.Constant true) { Z = s.Z; H = s.H }

                both next.Z next.H

            AffineIdentity.forEveryState (VRDIANASGDA.fixedPoint f p) (Some(VRDIANASGDA.keeps f p)) moved expected
    ]

/// SEGA-SGDA in one dimension; `After` reads h after its update.
let private coordinates gamma order =
    let f =
        AffineOperator("a line", [| Matrix(1, 1, [| 2.0 |]) |], [| [| 1.0 |] |], []) :> IOperator

    let p: CoordinateSGDA.Parameters = { Gamma = gamma }

    let misplaced j (s: CoordinateSGDA.SegaState) =
        let next = CoordinateSGDA.segaStep f p j s

        {
            next with
                Z = s.Z - gamma * (next.H + (f.Operator s.Z - s.H))
        }

    let proc = {
        Method.on f p CoordinateSGDA.sega with
            Step =
                if order = Before then
                    CoordinateSGDA.segaStep f p
                else
                    misplaced
    }

    isGDA f gamma proc (CoordinateSGDA.segaFixedPoint f) None (fun s -> s.Z)

let private standard: RotationSpec = {
    UniformSGDA.standard with
        Workers = 2
        Blocks = 1
}

let private operatorOf spec =
    let f = Games.rotationBlocks spec :> IFiniteSumOperator
    f, 1.0 / (4.0 * f.Lipschitz)

let private single (spec: RotationSpec) = operatorOf { spec with Workers = 1 }

let private all (spec: RotationSpec) =
    let f, gamma = operatorOf spec
    let one, own = single spec

    Pieces.all [
        variance one own Before
        quantized f gamma identity
        shifted f gamma 0.3 Before
        shifted f gamma 1.0 Before
        coordinates 0.1 Before
        yield! vrDiana f gamma Before
    ]

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SGDA.8"
            ClaimKind.Exact
            "GDA: L-SVRGDA with n = 1, QSGDA and DIANA-SGDA (any α) with ω = 0, SEGA-SGDA with d = 1; VR-DIANA with m = 1 is DIANA"
            (RotationSpec.instances 2 1
             |> Instances.startingWith [ standard ]
             |> Instances.counts 1 3 20)
            (fun _ spec -> all spec) with
            Formula = @"z_{k+1} = z_k-\gamma F(z_k)"
            Assumptions = "every outcome, every state"
            Source = "insert n = 1, Q = I, m = 1 and d = 1"
            Falsifiers = [
                Falsifier.check "L-SVRGDA: w renewed before use" (fun _ spec ->
                    let one, own = single spec
                    variance one own After)
                Falsifier.check "DIANA-SGDA: h renewed before use" (fun _ spec ->
                    let f, gamma = operatorOf spec
                    shifted f gamma 0.3 After)
                Falsifier.check "VR-DIANA-SGDA: w renewed before use" (fun _ spec ->
                    let f, gamma = operatorOf spec
                    Pieces.all (vrDiana f gamma After))
                Falsifier.check "SEGA-SGDA: h renewed before use" (fun _ _ -> coordinates 0.1 After)
                Falsifier.check "QSGDA with ω > 0" (fun _ spec ->
                    let f, gamma = operatorOf spec
                    quantized f gamma (randK 1))
            ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
