/// The rate of ADOM (CE-ADOM.1) and what gossip keeps (CE-ADOM.2).
module Theory.Algorithms.CommunicationEfficient.ADOMRate

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.ADOM

/// Sums over nodes stay 0.
let private keeps (s: State) : Block =
    Block.ConcatDimension(Block.sum s.Z, Block.sum s.Zf)

/// All must hold; the remark is that of the tightest piece.
let private together (pieces: Evidence list) =
    let tightest =
        pieces
        |> List.maxBy (fun e -> if Double.IsNaN e.Tightness then -infinity else e.Tightness)

    Evidence.all pieces |> Evidence.note tightest.Note

/// ADOM with one matrix at every step.
let private fixedMatrix (f: INetworkedDual) (p: Parameters) (w: Matrix) : Process<State, unit> = {
    Name = "ADOM"
    Draw = Draw.none
    Step = fun () s -> stepWith (Mixing.multiply w) f p s
    Cost = fun () -> []
}

// ---- CE-ADOM.1 -------------------------------------------------------------------------------------------------

/// Ψ⁺ ≤ (1−τ)Ψ and Σ_m ‖x_m⁺ − x*‖² ≤ CΨ for every state, for each of the matrices; rates of p, steps of `steps`.
let private everyMatrix (f: INetworkedDual) (p: Parameters) (steps: Parameters) (matrices: Matrix[]) =
    [
        for w in matrices do
            let proc = fixedMatrix f steps w
            Spectral.contraction proc (solved f) (Some keeps) (lyapunov f p) (rate p) 0.0

            {
                Spectral.oneStep {
                    Process = proc
                    Centre = solved f
                    Keeps = Some keeps
                    Measure = error f
                    Bound = fun s -> accuracy f p * lyapunov f p s
                    Relation = Relation.AtMost
                    MatchMoments = false
                } with
                    Tightness = nan
            }
    ]
    |> together

/// The matrix that leaves the largest Ψ, chosen anew at every step.
let private adversary (f: INetworkedDual) (p: Parameters) : Process<State, unit> =
    let multiplications = f.Changing.Matrices |> Array.map Mixing.multiply

    let worse (a: State) (b: State) : State =
        let x, y = (lyapunov f p a).ToArray(), (lyapunov f p b).ToArray()
        let mask = Mask(1, x.Length, Array.map2 (<=) y x)

        {
            Z = Block.choose mask a.Z b.Z
            Zf = Block.choose mask a.Zf b.Zf
            M = Block.choose mask a.M b.M
            X = Block.choose mask a.X b.X
        }

    {
        Name = "ADOM against an adversary"
        Draw = Draw.none
        Step =
            fun () s ->
                multiplications
                |> Array.map (fun multiply -> stepWith multiply f p s)
                |> Array.reduce worse
        Cost = fun () -> []
    }

let private contracts (change: Parameters -> Parameters) (_: CheckContext) (spec: NetworkedQuadraticSpec) =
    let f = NetworkedFunctions.quadratics spec :> INetworkedDual
    let p = parameters f
    everyMatrix f p (change p) f.Changing.Matrices

/// Random z and z_f of sum 0, and random m.
let private starts (ctx: CheckContext) (f: INetworkedDual) : State =
    let noise site =
        Sampler.Gaussian(CheckContext.address ctx site, f.Count, 3, f.Dimension)

    {
        Z = 3.0 * centred (noise 1)
        Zf = 3.0 * centred (noise 2)
        M = noise 3
        X = noise 4
    }

let private withAdversary (ctx: CheckContext) (spec: NetworkedQuadraticSpec) =
    let f = NetworkedFunctions.quadratics spec :> INetworkedDual
    let p = parameters f

    Trajectories.bound
        ctx
        (adversary f p)
        (starts ctx f)
        (CheckContext.pick 30 60 300 ctx)
        Relation.AtMost
        0
        (Bounds.linear "Ψ" false (lyapunov f p) (rate p))

/// Pairs that talk in turn: no step connects the network, the union over two steps is the graph.
let private neverConnected (_: CheckContext) (spec: NetworkedQuadraticSpec) =
    let spec = {
        spec with
            Nodes = 4
            Orders = 1
            Graph = "ring"
    }

    let f = NetworkedFunctions.quadratics spec :> INetworkedDual
    let p = parameters f

    let pairs edges =
        LinearAlgebra.Scale(
            0.5 * spec.Scale,
            Graphs.laplacian {
                Name = "pairs"
                Nodes = 4
                Edges = edges
                Extremes = None
            }
        )

    everyMatrix f p p [| pairs [| 0, 1; 2, 3 |]; pairs [| 1, 2; 0, 3 |] |]

let private on graph : NetworkedQuadraticSpec = {
    Nodes = 4
    Dimension = 2
    Graph = graph
    Orders = 1
    Kappa = 20.0
    Scale = 1.0
    Spread = 3.0
    Seed = 1
}

let rateClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ADOM.1"
            ClaimKind.Sure
            "Ψ_{k+1} ≤ (1 − (λmin⁺/(7λmax))√(μ/L))Ψ_k and Σ_m ‖x_m^{k+1} − x*‖² ≤ CΨ_k for every admissible W_k"
            (NetworkedFunctions.instances 5 2
             |> Instances.counts 2 4 30
             |> Instances.startingWith [ on "ring"; on "path"; { on "star" with Orders = 3 } ])
            (contracts id) with
            Formula =
                @"\Psi_{k+1}\le\Big(1-\frac{\lambda_{\min}^+}{7\lambda_{\max}}\sqrt{\mu/L}\Big)\Psi_k,\quad\Psi=\|z+Pm-z_*\|^2+\tfrac{2\eta(1-\eta\alpha)}{\tau}(F^*(z_f)-F^*(z_*))+6\|Pm\|^2"
            Assumptions =
                "Σ z_m = 0; α = 1/(2L), η = 2λmin⁺√(μL)/(7λmax), θ = μ/λmax, σ = 1/λmax, τ = (λmin⁺/(7λmax))√(μ/L)"
            Source =
                "arXiv 2102.09234, theorem 1 and its proof; every matrix of the sequence on its own, from every state"
            Falsifiers = [
                Falsifier.check "θ × 3" (contracts (fun p -> { p with Theta = 3.0 * p.Theta }))
                Falsifier.check "σ × 3" (contracts (fun p -> { p with Sigma = 3.0 * p.Sigma }))
                Falsifier.check "W_k never connected, λmin⁺ of the union" neverConnected
            ]
    }

/// The same along runs in which an adversary picks the network: a claim of its own, on its own rung.
let adversaryClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ADOM.1b"
            ClaimKind.Sure
            "Ψ_k ≤ (1 − τ)^kΨ_0 when the W_k of every step is the one that leaves the largest Ψ"
            (NetworkedFunctions.instances 5 2
             |> Instances.counts 1 3 20
             |> Instances.startingWith [ { on "ring" with Orders = 3 }; { on "star" with Orders = 3 } ])
            withAdversary with
            Formula = @"\Psi_k\le(1-\tau)^k\Psi_0\quad\text{for every sequence }W_0,W_1,\dots"
            Assumptions = "as CE-ADOM.1"
            Source = "arXiv 2102.09234, theorem 1"
            Falsifiers = [
                Falsifier.check "θ × 3" (fun ctx spec ->
                    let f = NetworkedFunctions.quadratics spec :> INetworkedDual
                    let p = parameters f

                    Trajectories.bound
                        ctx
                        (adversary f { p with Theta = 3.0 * p.Theta })
                        (starts ctx f)
                        100
                        Relation.AtMost
                        0
                        (Bounds.linear "Ψ" false (lyapunov f p) (rate p)))
            ]
    }

// ---- CE-ADOM.2 -------------------------------------------------------------------------------------------------

/// A block of nodes as one long vector.
let private flat (x: Block) : Block =
    Block.ConcatDimension(Array.init x.Workers x.Worker)

/// Σ z_m = Σ z_f,m = 0 stays so for every W_k.
let private sumsStay (keeps: (State -> Block) option) (spec: NetworkedQuadraticSpec) =
    let f = NetworkedFunctions.quadratics spec :> INetworkedDual
    let p = parameters f

    [
        for w in f.Changing.Matrices ->
            AffineIdentity.forEveryState
                (solved f)
                keeps
                (fun s ->
                    let next = (fixedMatrix f p w).Step () s
                    Block.ConcatDimension(Block.sum next.Z, Block.sum next.Zf))
                (fun s -> 0.0 * Block.ConcatDimension(Block.sum s.Z, Block.sum s.Zf))
    ]
    |> together

/// W = λP: from Pm = 0 the buffer stays empty, and z, z_f are those of an accelerated gradient method on F* over sums 0:
/// z_g = τz + (1−τ)z_f, z⁺ = z + ηα(z_g − z) − ηP∇F*(z_g), z_f⁺ = z_g − μP∇F*(z_g).
let private emptyBuffer (graph: string) (spec: NetworkedQuadraticSpec) =
    let f =
        NetworkedFunctions.quadratics { spec with Graph = graph; Orders = 1 } :> INetworkedDual

    let p = parameters f

    let accelerated (s: State) =
        let zg = p.Tau * s.Z + (1.0 - p.Tau) * s.Zf
        let g = centred (f.DualGradients zg)

        Block.ConcatDimension(
            flat (s.Z + (p.Eta * p.Alpha) * (zg - s.Z) - p.Eta * g),
            flat (zg - f.NodeStrongConvexity * g),
            flat (0.0 * s.M)
        )

    AffineIdentity.forEveryState
        (solved f)
        (Some(fun s -> Block.ConcatDimension(keeps s, flat (centred s.M))))
        (fun s ->
            let next = (fixedMatrix f p f.Changing.Matrices[0]).Step () s
            Block.ConcatDimension(flat next.Z, flat next.Zf, flat (centred next.M)))
        accelerated

let private invariants kept graph _ (spec: NetworkedQuadraticSpec) =
    together [ sumsStay kept spec; emptyBuffer graph spec ]

let invariantClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-ADOM.2"
            ClaimKind.Exact
            "Σ z_m = Σ z_f,m = 0 for ever; on the complete graph Pm = 0 for ever and ADOM is an accelerated gradient method on F* over sums 0"
            (NetworkedFunctions.instances 4 2
             |> Instances.counts 2 4 20
             |> Instances.startingWith [ on "ring"; { on "star" with Orders = 3 } ])
            (invariants (Some keeps) "complete") with
            Formula = @"\textstyle\sum_m z_m^k=0,\qquad W=\lambda P\Rightarrow Pm^k=0"
            Assumptions = "Σ z_m⁰ = 0, m⁰ = 0"
            Source = "by substitution: 1ᵀW = 0, and σW = P on the complete graph; one step from every such state"
            Falsifiers = [
                Falsifier.check "Σ z_m⁰ ≠ 0" (invariants None "complete")
                Falsifier.check "a star in place of the complete graph" (invariants (Some keeps) "star")
                |> Falsifier.at [ on "ring" ]
            ]
    }
