/// What travels between parties and server, and what compressing it does (VI-VFL.4 and .6).
module Theory.Algorithms.VariationalInequalities.VerticalMessages

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

// ---- VI-VFL.4 --------------------------------------------------------------------------------------------------

type private Point = { V: Block }

/// Rand1 of every party's A_ix_i and of y.
let private rand1 (f: IVerticalOperator) =
    Draw.both (Draw.subsets f.Parties 1 f.Samples) (Draw.subset 1 f.Samples)

/// E Coupled(Q(A_ix_i), Q(y)) = Coupled(A_ix_i, y) for every v: nothing else of F sees what is sent, whatever ℓ and r are.
let private unbiased (spec: VerticalSpec) boost =
    let f = VerticalRegression spec :> IVerticalOperator
    let ratio = boost * float f.Samples

    // The received part stands where the point was, so that the outcome's value is a function of the next state.
    let receive (up, down) (s: Point) = {
        V =
            f.Coupled
                (ratio * (f.Predictions s.V).Keep up)
                (ratio * (VerticalExtragradient.dual f s.V).Materialise().Keep down)
    }

    let proc = {
        Name = "messages"
        Draw = rand1 f
        Step = receive
        Cost = fun _ -> []
    }

    AffineIdentity.mean proc { V = f.Solution } None (fun s -> s.V) (fun s ->
        f.Coupled (f.Predictions s.V) (VerticalExtragradient.dual f s.V))

/// ∇ℓ of the server: logistic loss with labels sign(b), or least squares.
let private slopes (problem: VerticalRegression) logistic (z: Block) =
    let labels = Block.vector problem.Labels

    if logistic then
        let sign = Block.sign labels
        -problem.LossSmoothness * (sign * (-1.0 * (sign * z)).Sigmoid())
    else
        problem.LossSmoothness * (z - labels)

/// The largest ‖E∇ℓ(ΣQ(A_ix_i)) − ∇ℓ(ΣA_ix_i)‖ over random weights is at least 1e-3.
let private biased ctx (spec: VerticalSpec) logistic =
    let problem = VerticalRegression spec
    let f = problem :> IVerticalOperator
    let v = CheckContext.gaussianStarts ctx 1 16 f.Dimension 2.0
    let predictions = (f.Predictions v).Materialise()

    let mean =
        (Draw.subsets f.Parties 1 f.Samples).Outcomes
        |> Array.map (fun o ->
            o.Probability
            * slopes problem logistic (float f.Samples * Block.sum (predictions.Keep o.Outcome)))
        |> Array.reduce (fun a b -> (a + b).Materialise())

    let bias =
        Block.lanes (Block.norm (mean - slopes problem logistic (Block.sum predictions)))
        |> Array.max

    [
        Evidence.row Relation.AtLeast f.Dimension 1 "‖E∇ℓ(ΣQ(A_ix_i)) − ∇ℓ(ΣA_ix_i)‖" bias 1e-3
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.AtLeast

let private four: VerticalSpec = {
    Samples = 4
    Parties = 2
    Features = 3
    Lambda = 0.1
    Scale = 1.0
    Seed = 1
}

let unbiasedClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.4"
            ClaimKind.Exact
            "compressing A_ix_i and y is unbiased in the saddle's operator, whatever ℓ; in the plain minimisation E∇ℓ(ΣQ(A_ix_i)) differs from ∇ℓ(ΣA_ix_i) for the logistic loss"
            (VerticalSpec.instances 4 2 4
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ four ])
            (fun ctx spec -> Pieces.all [ unbiased spec 1.0; biased ctx spec true ]) with
            Formula =
                @"\mathbb E\hat F=F,\qquad \mathbb E\nabla\ell\big(\textstyle\sum Q(A_ix_i)\big)\ne\nabla\ell\big(\sum A_ix_i\big)"
            Assumptions = "Q unbiased (Rand1), drawn by every party on its own"
            Source = "derived: F is affine in what is sent, ∇ℓ is not"
            // Of a small sum the logistic slope is linear to third order.
            Valid = fun spec -> spec.Scale >= 1.0
            Falsifiers = [
                Falsifier.check "quadratic ℓ: unbiased there too" (fun ctx spec -> biased ctx spec false)
                Falsifier.check "Q without its factor, by 10 %" (fun _ spec -> unbiased spec 0.9)
            ]
    }

// ---- VI-VFL.6 --------------------------------------------------------------------------------------------------

/// The problem with an account of what crosses: numbers other than 0 of each party, up and down.
let private counting (f: IVerticalOperator) (account: float[] -> float[] -> unit) : IVerticalOperator =
    let numbers (b: Block) worker =
        (b.Worker(min worker (b.Workers - 1))).ToArray()
        |> Array.filter ((<>) 0.0)
        |> Array.length
        |> float

    let coupled (predictions: Block) (duals: Block) =
        account (Array.init f.Parties (numbers predictions)) (Array.init f.Parties (numbers duals))
        f.Coupled predictions duals

    {
        new IVerticalOperator with
            member _.Parties = f.Parties
            member _.Samples = f.Samples
            member _.PartyDimensions = f.PartyDimensions
            member _.Predictions v = f.Predictions v
            member _.Local v = f.Local v
            member _.Coupled predictions duals = coupled predictions duals
            member _.MessageLipschitz k = f.MessageLipschitz k
        interface IOperator with
            member _.Operator v = f.Operator v
            member _.Solution = f.Solution
            member _.Lipschitz = f.Lipschitz
            member _.Monotonicity = f.Monotonicity
        interface IProblem with
            member _.Name = f.Name
            member _.Dimension = f.Dimension
            member _.Constants = f.Constants
    }

/// Numbers up and down of each party over `steps` steps of a method from a random start, beside what it declares.
let private crossing ctx (f: IVerticalOperator) (method: Method<IVerticalOperator, 'P, 'S, 'D>) steps =
    let up, down = Array.zeroCreate f.Parties, Array.zeroCreate f.Parties
    let mutable counts = false

    let counted =
        counting f (fun sent received ->
            if counts then
                for i in 0 .. f.Parties - 1 do
                    up[i] <- up[i] + sent[i]
                    down[i] <- down[i] + received[i])

    let proc = Method.on counted (method.Rule f) method

    let mutable state =
        method.Init counted (method.Rule f) (CheckContext.gaussianStarts ctx 1 1 f.Dimension 1.0)

    let mutable declared = Map.empty<Counter, float>
    counts <- true

    for k in 0 .. steps - 1 do
        let outcome = proc.Draw.Sample(DrawAddress(ctx.Seed, ctx.Stream, k, 0, 0), 1)

        for c in proc.Cost outcome do
            let so = declared.TryFind c.Counter |> Option.defaultValue 0.0
            declared <- declared.Add(c.Counter, so + Charge.forLane 0 c)

        state <- proc.Step outcome state
        (Codec.ofTemplate state).Materialise state

    up, down, declared

let private compare label (measured: float[]) expected =
    measured
    |> Array.mapi (fun i v -> Evidence.row Relation.Equal 1 1 $"{label}, party {i + 1}" v expected)
    |> List.ofArray

let private counts ctx (spec: VerticalSpec) (received: IVerticalOperator -> float[] -> float[]) =
    let f = VerticalRegression spec :> IVerticalOperator
    let steps = 5
    let up, down, declared = crossing ctx f VerticalExtragradient.method steps
    let m = float f.Samples
    let messages = VerticalCompression.byMessages
    let sent, got, stated = crossing ctx f messages steps

    [
        yield! compare "VFL-EG, sent" up (2.0 * m * float steps)
        yield! compare "VFL-EG, received" (received f down) (2.0 * m * float steps)
        yield! compare "VFL-EG, sent as declared" up declared[Counter.UplinkFloats]
        yield! compare "VFL-EG, received as declared" down declared[Counter.DownlinkFloats]
        // 2K a step, and m + m more when the reference point moves.
        yield! compare "VFL-Messages, sent" sent stated[Counter.UplinkFloats]
        yield! compare "VFL-Messages, received" got stated[Counter.DownlinkFloats]
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.Equal

/// The same when the server sent a party its gradient A_iᵀy: d_i numbers each time.
let private gradients (f: IVerticalOperator) (down: float[]) =
    down |> Array.mapi (fun i v -> v / float f.Samples * float f.PartyDimensions[i])

let countClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-VFL.6"
            ClaimKind.Count
            "a party sends 2m and receives 2m numbers in a step of VFL-EG, whatever its d_i; with RandK on the messages K and K, and m and m more when the reference point moves"
            (VerticalSpec.instances 6 3 5
             |> Instances.counts 1 4 30
             |> Instances.startingWith [ four ])
            (fun ctx spec -> counts ctx spec (fun _ down -> down)) with
            Formula = @"2m+2m,\qquad K+K"
            Source = "counted on the messages themselves"
            Falsifiers = [
                Falsifier.check "gradients of size d_i in place of y" (fun ctx spec -> counts ctx spec gradients)
            ]
            Tight = Some { Instance = four; AtLeast = 1.0 }
    }
