/// Hutchinson's diagonal, and preconditioners that do nothing (VI-SCALED.4 and .5).
module Theory.Algorithms.VariationalInequalities.Hutchinson

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ScaledExtragradient

// ---- VI-SCALED.4 -----------------------------------------------------------------------------------------------

/// A d × d matrix, its entries off the diagonal scaled.
[<NoComparison>]
type MatrixSpec = {
    Size: int
    OffDiagonal: float
    Seed: int
}

let private matrix (spec: MatrixSpec) =
    let g = Linear.gaussians spec.Seed 0 (spec.Size * spec.Size)

    Matrix.Create(spec.Size, spec.Size, (fun i j -> (if i = j then 1.0 else spec.OffDiagonal) * g[i * spec.Size + j]))

/// Mean and variance of the entries of v ⊙ Hv under a law of v, against diag(H) and Σ_{j≠i}H_ij².
let private moments (spec: MatrixSpec) (law: int -> Draw<Block>) =
    let h = matrix spec
    let d = spec.Size

    let values =
        (law d).Outcomes
        |> Array.map (fun o -> o.Probability, (o.Outcome * o.Outcome.Apply h).ToArray())

    let mean (of': float[] -> float) =
        values |> Array.sumBy (fun (p, x) -> p * of' x)

    [
        for i in 0 .. d - 1 do
            let variance =
                Seq.sum (seq { for j in 0 .. d - 1 -> if j = i then 0.0 else h[i, j] ** 2.0 })

            Evidence.row Relation.Equal d values.Length $"mean of entry {i}" (mean (fun x -> x[i])) h[i, i]

            Evidence.row
                Relation.Equal
                d
                values.Length
                $"variance of entry {i}"
                (mean (fun x -> (x[i] - h[i, i]) ** 2.0))
                variance
    ]
    |> Evidence.ofRows Rung.Enumerated Relation.Equal

/// Three points ±√3, 0 with weights 1/6, 1/6, 2/3 in each coordinate: the moments of a Gaussian up to the fifth, all that
/// the first two moments of v ⊙ Hv see.
let private gaussian (d: int) : Draw<Block> =
    let outcomes = [
        for code in 0 .. (pown 3 d) - 1 do
            let digits = Array.init d (fun j -> code / pown 3 j % 3)

            {
                Probability = digits |> Seq.fold (fun p k -> p * (if k = 0 then 2.0 / 3.0 else 1.0 / 6.0)) 1.0
                Outcome = Block.vector (digits |> Array.map (fun k -> [| 0.0; sqrt 3.0; -(sqrt 3.0) |][k]))
            }
    ]

    Draw.custom (fun _ _ -> outcomes.Head.Outcome) outcomes

let private matrices =
    let generator =
        gen {
            let! size = Gen.choose (1, 6)
            let! offDiagonal = Gen.elements [ 0.0; 0.1; 1.0; 3.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Size = size
                OffDiagonal = offDiagonal
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Size > 1 then
                { spec with Size = spec.Size - 1 }
        })
    |> Instances.startingWith [
        {
            Size = 4
            OffDiagonal = 1.0
            Seed = 1
        }
        {
            Size = 3
            OffDiagonal = 0.0
            Seed = 1
        }
    ]

let hutchinsonClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.4"
            ClaimKind.Exact
            "Hutchinson: E[v⊙Hv] = diag(H) over the 2^d sign vectors, variance of entry i = Σ_{j≠i}H_ij² (none for diagonal H)"
            matrices
            (fun _ spec -> moments spec signs) with
            Formula = @"\mathbb E[v\odot Hv]=\mathrm{diag}\,H,\qquad \mathrm{Var}_i=\sum_{j\ne i}H_{ij}^2"
            Assumptions = "v uniform on {−1, 1}^d"
            Source = "v_i² = 1 and E v_iv_j = 0"
            Falsifiers = [
                Falsifier.check "Gaussian v, whose variance has 2H_ii² more" (fun _ spec -> moments spec gaussian)
            ]
            Tight =
                Some {
                    Instance = {
                        Size = 4
                        OffDiagonal = 1.0
                        Seed = 1
                    }
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- VI-SCALED.5 -----------------------------------------------------------------------------------------------

/// D_0 = 1, β = 1 and the clip e.
let private idle (f: IOperator) floor momentum : Parameters = {
    Gamma = 1.0 / (4.0 * f.Lipschitz)
    Beta = 1.0
    Floor = floor
    Ceiling = max 2.0 f.Lipschitz
    BiasCorrected = false
    Momentum = momentum
}

let private ones (z: Block) =
    Block.Fill(Shape.Vector(1, 1, z.Dimension), 1.0)

/// A step of each method from (z, D = 1) is one of EG, and D stays 1; with momentum, of EG-NM.
let private reduces (spec: GameSpec) floor =
    let game = Games.quadratic spec
    let f = game :> IOperator
    let p = idle f floor 0.0

    let against (draw: Draw<'D>) (step: 'D -> State -> State) =
        let after o (s: Extragradient.State) =
            step o { Z = s.Z; D = ones s.Z; Step = 0 }

        let proc: Process<Extragradient.State, 'D> = {
            Name = "SCALED-EG with D = 1"
            Draw = draw
            Step = fun o s -> { Z = (after o s).Z }
            Cost = fun _ -> []
        }

        Evidence.all [
            AffineIdentity.everyOutcome proc { Z = f.Solution } None (fun s -> s.Z) (fun s ->
                (Extragradient.step f { Gamma = p.Gamma } s).Z)
            for o in draw.Outcomes do
                AffineIdentity.forEveryState
                    ({ Z = f.Solution }: Extragradient.State)
                    None
                    (fun s -> (after o.Outcome s).D)
                    (fun s -> ones s.Z)
        ]

    let withMomentum =
        let p = idle f floor -0.25

        let nm: NegativeMomentum.Parameters = {
            Gamma1 = p.Gamma
            Gamma2 = p.Gamma
            Beta = p.Momentum
        }

        let proc: Process<NegativeMomentum.State, Indices> = {
            Name = "SCALED-EG-NM with D = 1"
            Draw = momentum.Draw game p
            Step =
                fun i s ->
                    let next =
                        momentumStep game p i {
                            Z = s.Z
                            Past = s.Past
                            D = ones s.Z
                            Step = 0
                        }

                    { Z = next.Z; Past = next.Past }
            Cost = fun _ -> []
        }

        AffineIdentity.everyOutcome proc (NegativeMomentum.init f.Solution) None (fun s -> s.Z) (fun s ->
            (NegativeMomentum.step f nm s).Z)

    Pieces.all [
        against (squares.Draw game p) (squaresStep game p)
        against (hutchinson.Draw game p) (hutchinsonStep game p)
        withMomentum
    ]

let private standard: GameSpec = {
    Workers = 2
    Dimension = 1
    Mu = 0.1
    Curvature = 0.1
    Coupling = 1.0
    Deviation = 0.3
    Offset = 1.0
    Seed = 1
}

let idleClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.5"
            ClaimKind.Exact
            "D_0 = 1, β = 1, e ≤ 1: D̂ stays I and SCALED-EG is EG, SCALED-EG-NM is EG-NM, for every outcome and every state"
            (GameSpec.instances 3 2 |> Instances.startingWith [ standard ])
            (fun _ spec -> reduces spec 0.5) with
            Formula = @"\hat D\equiv I \Rightarrow z^+ = z-\gamma F(z-\gamma F(z))"
            Assumptions = "e ≤ 1, so that D̂ = max{e, |D|} = 1"
            Source = "derived"
            Valid = fun spec -> spec.Mu > 0.0 || spec.Coupling > 0.0
            Falsifiers = [ Falsifier.check "clip e = 1.5" (fun _ spec -> reduces spec 1.5) ]
            Tight = Some { Instance = standard; AtLeast = 1.0 }
    }
