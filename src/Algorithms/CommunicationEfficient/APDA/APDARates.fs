/// The rate of APDA with exact local solves.
module Theory.Algorithms.CommunicationEfficient.APDARates

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.APDAMethods

/// Clients with spectra from 1 to L_i.
type APDASpec = {
    Clients: int
    Dimension: int
    Kappa: float
    KappaLast: float
    Seed: int
}

/// The clients of a specification.
let problem (spec: APDASpec) : IClientProx =
    Clients.quadratic {
        Clients = spec.Clients
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        KappaLast = spec.KappaLast
        Aligned = false
        Spread = 3.0
        Seed = spec.Seed
    }

/// κ = 10.
let usual = {
    Clients = 3
    Dimension = 2
    Kappa = 10.0
    KappaLast = 10.0
    Seed = 1
}

/// κ = 100.
let stiff = {
    usual with
        Kappa = 100.0
        KappaLast = 100.0
}

/// Two or three clients with the given κ's, after the two above.
let instances kappas =
    Instances.generated
        (gen {
            let! clients = Gen.choose (2, 3)
            let! dimension = Gen.choose (2, 3)
            let! kappa = Gen.elements kappas
            let! last = Gen.elements kappas
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Dimension = dimension
                Kappa = kappa
                KappaLast = last
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Clients > 2 then
                    { spec with Clients = 2 }

                if spec.Dimension > 2 then
                    { spec with Dimension = 2 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })
    |> Instances.startingWith [ usual; stiff ]

/// Dual variables in the range of Π.
let keeps (s: State) =
    Block.ConcatWorkers(Block.sum s.Y, Block.sum s.YBefore)

// ---- CE-APDA.1 -------------------------------------------------------------------------------------------------

/// Ψ ≥ μ‖x−x*‖² + (1/η_y)‖y−y*‖².
let private growth (f: IClientProx) (p: Parameters) =
    let ideal = fixedPoint f

    Spectral.oneStep {
        Process = {
            Name = "state"
            Draw = Draw.none
            Step = fun () s -> s
            Cost = fun () -> []
        }
        Centre = ideal
        Keeps = Some keeps
        Measure = psi f p
        Bound =
            fun s ->
                p.Mu * Block.totalNormSquared (s.X - ideal.X)
                + (1.0 / p.EtaY) * Block.totalNormSquared (s.Y - ideal.Y)
        Relation = Relation.AtLeast
        MatchMoments = false
    }

/// With η_y longer in the step only.
let private contracts (longer: float) (spec: APDASpec) =
    let f = problem spec
    let p = exactly f

    let rate =
        Spectral.contraction
            (Method.on f { p with EtaY = longer * p.EtaY } exact)
            (fixedPoint f)
            (Some keeps)
            (psi f p)
            p.Theta
            0.0

    {
        Evidence.all [ rate; growth f p ] with
            Tightness = rate.Tightness
            Note = rate.Note
    }

let exactRate: Claim =
    Claim.create {
        Claim.spec
            "CE-APDA.1"
            ClaimKind.Sure
            "κ ≥ 4, η_y = √(μL), η_x = 1/(2√(μL)), β = 1/(2L), θ = 1/(1+½√(μ/L)): Ψ_{k+1} ≤ θΨ_k, Ψ = (1/η_x+μ)‖x−x*‖²+(1/η_y+β)‖y−y*‖²+(1/(2η_y))‖Δy‖²−2⟨x−x*,Δy⟩ ≥ μ‖x−x*‖²+(1/η_y)‖y−y*‖²"
            (instances [ 4.0; 10.0; 100.0; 1000.0 ] |> Instances.counts 1 3 20)
            (fun _ -> contracts 1.0) with
            Formula = @"\Psi_{k+1}\le\frac{1}{1+\frac12\sqrt{\mu/L}}\,\Psi_k"
            Assumptions = "f_i μ-strongly convex and L-smooth, Σ y_i = 0 at the start, exact prox"
            Source =
                "arXiv 2207.03957, here with other constants: derived from strong convexity and cocoercivity, with η_yβ ≤ ¼ and η_xη_y ≤ ½"
            Falsifiers = [ Falsifier.check "η_y × 4" (fun _ -> contracts 4.0) |> Falsifier.at [ stiff ] ]
            Tight = Some { Instance = stiff; AtLeast = 0.9 }
    }

let private logistic: LogisticSpec = {
    Workers = 3
    RowsPerWorker = 4
    Dimension = 3
    Kappa = 20.0
    Spread = 1.0
    Seed = 1
}

/// Runs on logistic regression, whose proximal steps are solved to rounding.
let private runs (longer: float) (ctx: CheckContext) (spec: LogisticSpec) =
    let f = Clients.logistic spec :> IClientProx
    let p = exactly f

    let starts = init f (CheckContext.gaussianStarts ctx 1 8 spec.Dimension 3.0)

    Trajectories.bound
        ctx
        (Method.on f { p with EtaY = longer * p.EtaY } exact)
        starts
        20
        Relation.AtMost
        0
        (Bounds.linear "Ψ_k" false (psi f p) p.Theta)

/// Logistic regression is not affine: nothing spectral applies.
let exactRuns: Claim =
    Claim.create {
        Claim.spec
            "CE-APDA.1b"
            ClaimKind.Sure
            "CE-APDA.1 on logistic regression: Ψ_k ≤ θ^kΨ_0"
            (Instances.generated
                (gen {
                    let! workers = Gen.choose (2, 3)
                    let! kappa = Gen.elements [ 5.0; 20.0; 50.0 ]
                    let! seed = Gen.choose (0, 10000)

                    return {
                        logistic with
                            Workers = workers
                            Kappa = kappa
                            Seed = seed
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.counts 0 2 10
             |> Instances.startingWith [ logistic ])
            (runs 1.0) with
            Formula = @"\Psi_k\le\theta^k\Psi_0"
            Assumptions = "as CE-APDA.1; ℓ2-regularised logistic regression, random starts"
            Source = "as CE-APDA.1"
            Falsifiers = [ Falsifier.check "η_y × 16" (runs 16.0) ]
    }
