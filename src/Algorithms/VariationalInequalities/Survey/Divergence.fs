/// GDA diverges on bilinear games, the extragradient method does not (VI-SURVEY.1).
module Theory.Algorithms.VariationalInequalities.Divergence

open Theory
open Theory.Numerics
open Theory.Problems

let private multiplies
    (f: IOperator)
    (proc: Process<'S, unit>)
    centre
    (z: 'S -> Block)
    (reader: Matrix)
    (factor: float)
    =
    let size s =
        Block.normSquared ((z s - f.Solution).Apply reader)

    Spectral.oneStep {
        Process = proc
        Centre = centre
        Keeps = None
        Measure = size
        Bound = fun s -> factor * size s
        Relation = Relation.Equal
        MatchMoments = false
    }

let private stepsizes (f: IOperator) =
    [ 0.1; 0.5; 0.99 ] |> List.map (fun share -> share / f.Lipschitz)

/// Per singular block of the game: the exact factors of GDA and EG.
let private factors
    (spec: BilinearSpec)
    (egStep: IOperator -> Extragradient.Parameters -> Extragradient.State -> Extragradient.State)
    egFactor
    =
    let game = Games.bilinear spec
    let f = game :> IOperator

    [
        for gamma in stepsizes f do
            for sigma, reader in game.SingularBlocks do
                let gda = Method.on f ({ Gamma = gamma }: GDA.Parameters) GDA.method
                multiplies f gda { GDA.State.Z = f.Solution } (fun s -> s.Z) reader (1.0 + (gamma * sigma) ** 2.0)

                let p: Extragradient.Parameters = { Gamma = gamma }

                let eg = {
                    Method.on f p Extragradient.method with
                        Step = fun () s -> egStep f p s
                }

                multiplies f eg { Extragradient.State.Z = f.Solution } (fun s -> s.Z) reader (egFactor (gamma * sigma))
    ]
    |> Pieces.all

/// EG contracts at γ = share/σmax.
let private contracts (spec: BilinearSpec) share =
    let f = Games.bilinear spec :> IOperator
    let p: Extragradient.Parameters = { Gamma = share / f.Lipschitz }

    Spectral.contraction
        (Method.on f p Extragradient.method)
        { Extragradient.State.Z = f.Solution }
        None
        (Extragradient.distance f)
        1.0
        0.0

let private square: BilinearSpec = {
    Dimension = 3
    SigmaMin = 0.5
    SigmaMax = 2.0
    Spread = 1.0
    Seed = 1
}

let private extragradientFactor g = 1.0 - g ** 2.0 + g ** 4.0

let claim: Claim =
    Claim.create {
        Claim.spec
            "VI-SURVEY.1"
            ClaimKind.Exact
            "bilinear game, singular value σ: GDA multiplies the block's ‖·‖² by 1+γ²σ², EG by 1−γ²σ²+γ⁴σ⁴ (< 1 iff γσ < 1)"
            (BilinearSpec.instances 4 |> Instances.startingWith [ square ])
            (fun _ spec -> Pieces.all [ factors spec Extragradient.step extragradientFactor; contracts spec 0.99 ]) with
            Formula =
                @"\|z^+_j\|^2 = (1+\gamma^2\sigma_j^2)\|z_j\|^2 \text{ (GDA)},\quad (1-\gamma^2\sigma_j^2+\gamma^4\sigma_j^4)\|z_j\|^2 \text{ (EG)}"
            Source = "eigenvalues 1 − iγσ and 1 − iγσ − γ²σ²"
            Falsifiers = [
                Falsifier.check "EG evaluates F at z twice" (fun _ spec ->
                    factors spec (fun f p s -> { Z = s.Z - p.Gamma * f.Operator s.Z }) extragradientFactor)
                Falsifier.check "EG contracts at γσmax = 1.01" (fun _ spec -> contracts spec 1.01)
                Falsifier.check "γ⁴σ⁴ left out" (fun _ spec ->
                    factors spec Extragradient.step (fun g -> 1.0 - g ** 2.0))
            ]
            Tight = Some { Instance = square; AtLeast = 1.0 }
    }
