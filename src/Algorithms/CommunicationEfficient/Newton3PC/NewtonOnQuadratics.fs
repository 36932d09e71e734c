/// Newton-3PC on quadratics (CE-NEWTON3PC.4).
module Theory.Algorithms.CommunicationEfficient.NewtonOnQuadratics

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.Mechanisms
open Theory.Algorithms.CommunicationEfficient.Newton3PC

/// Distances that must vanish, to rounding of what they were made of.
let private vanish label (scale: float) (operations: float) (gaps: Block) = [
    for gap in (Block.sum gaps).ToArray() ->
        {
            Label = label
            Measured = gap
            Bound = 0.0
            Holds = gap <= Rounding.allowance operations scale
        }
]

/// From exact Hessians one step reaches x* and the estimates stay exact; from `estimate` the first step learns them and the
/// second reaches x*.
let private lands (estimate: Block -> Block) (steps: int) (ctx: CheckContext) (spec: QuadraticSpec) =
    let f = Quadratic.distributed spec :> IHessianSum

    let p = {
        Mu = f.StrongConvexity
        Mechanism = ef21 half identity
    }

    let proc = Method.on f p method
    let x0 = CheckContext.gaussianStarts ctx 1 6 spec.Dimension 3.0
    let exact = f.Hessians x0
    let draw = (proc.Draw.Outcomes[0]).Outcome
    let start = { init f x0 with H = estimate exact }
    let states = List.scan (fun s _ -> proc.Step draw s) start [ 1..4 ]
    let size = float (spec.Dimension * spec.Dimension * spec.Workers)

    let reached =
        states
        |> List.skip steps
        |> List.collect (fun s ->
            vanish
                "‖x − x*‖"
                (spec.Kappa * (1.0 + (f.Minimiser.NormSquared().ToArray())[0]))
                size
                (Block.norm (s.X - f.Minimiser)))

    let known =
        states
        |> List.skip (steps - 1)
        |> List.collect (fun s -> vanish "Σ ‖H_i − A_i‖" spec.Kappa size (Block.norm (s.H - exact)))

    {
        Evidence.ofRows Rung.Trajectories Relation.Equal (reached @ known) with
            Tightness = 1.0
    }

let private both (ctx: CheckContext) (spec: QuadraticSpec) =
    Evidence.all [ lands id 1 ctx spec; lands (fun h -> 0.0 * h) 2 ctx spec ]

let private standard: QuadraticSpec = {
    Workers = 3
    Dimension = 3
    Kappa = 10.0
    Spread = 3.0
    Seed = 1
}

let claim: Claim =
    Claim.create {
        Claim.spec
            "CE-NEWTON3PC.4"
            ClaimKind.Exact
            "quadratics, C = identity: one step from H_i⁰ = ∇²f_i reaches x*, and the H_i stay exact; from H_i⁰ = 0 the second step does"
            (Quadratic.instances 4 4
             |> Instances.counts 2 6 30
             |> Instances.startingWith [ standard ])
            both with
            Formula = @"x_1=x_*,\quad H_i^k=\nabla^2f_i"
            Assumptions = "quadratics, p = 1"
            Source = "Newton's method"
            Valid = fun spec -> spec.Kappa > 1.0
            Falsifiers = [ Falsifier.check "H_i⁰ = 0, one step" (lands (fun h -> 0.0 * h) 1) ]
    }
