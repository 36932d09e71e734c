/// Sampled bilinear games: exact factors of one step, and the distance to the implicit step (VI-SEG.2–4).
module Theory.Algorithms.VariationalInequalities.BilinearFactors

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.SampledExtragradient

/// φ(x, y) = (1/n) Σ x_i y_i, sample i touching coordinate i alone: F_i(x, y) = (y_i e_i, −x_i e_i). Its L is 1 for every
/// sample.
let coordinateGame (n: int) : IFiniteSumOperator =
    let matrix i =
        Matrix.Create(
            2 * n,
            2 * n,
            fun r c ->
                if r = i && c = n + i then 1.0
                elif r = n + i && c = i then -1.0
                else 0.0
        )

    AffineOperator(
        $"bilinear game of {n} coordinates, one a sample",
        Array.init n matrix,
        Array.init n (fun _ -> Array.zeroCreate (2 * n)),
        []
    )

/// E‖z⁺‖² relates to factor·‖z‖² for every z.
let private relates relation (f: IFiniteSumOperator) (gamma: float) (method: Method<_, _, State, _>) factor =
    Spectral.oneStep {
        Process = Method.on f { Gamma = gamma } method
        Centre = { Z = f.Solution }
        Keeps = None
        Measure = distance f
        Bound = fun s -> factor * distance f s
        Relation = relation
        MatchMoments = false
    }

/// The two methods' factors: SSEG's and ISEG's, or exchanged.
let private factors f gamma same independentFactor swapped =
    if swapped then
        [
            relates Relation.Equal f gamma independent same
            relates Relation.Equal f gamma sameSample independentFactor
        ]
    else
        [
            relates Relation.Equal f gamma sameSample same
            relates Relation.Equal f gamma independent independentFactor
        ]

// ---- VI-SEG.2 --------------------------------------------------------------------------------------------------

/// The game of n coordinates with a stepsize.
[<NoComparison>]
type CoordinateSpec = { Coordinates: int; Gamma: float }

let private coordinates (spec: CoordinateSpec) swapped =
    let n, g = float spec.Coordinates, spec.Gamma
    let f = coordinateGame spec.Coordinates

    Pieces.all [
        yield!
            factors
                f
                g
                (1.0 - g ** 2.0 / n + g ** 4.0 / n)
                (1.0 + g ** 2.0 * (1.0 / n - 2.0 / n ** 2.0) + g ** 4.0 / n ** 2.0)
                swapped

        // Below γ = 1 SSEG contracts; from n = 2 on ISEG expands.
        if g < 1.0 then
            relates Relation.AtMost f g sameSample 1.0

        if spec.Coordinates >= 2 then
            relates Relation.AtLeast f g independent 1.0
    ]

let private coordinateSpecs =
    let generator =
        gen {
            let! n = Gen.choose (1, 5)
            let! gamma = Gen.elements [ 0.05; 0.1; 0.3; 0.5; 0.9; 1.0; 1.5 ]
            return { Coordinates = n; Gamma = gamma }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Coordinates > 1 then
                {
                    spec with
                        Coordinates = spec.Coordinates - 1
                }
        })
    |> Instances.startingWith [ { Coordinates = 2; Gamma = 0.5 } ]

let coordinateClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.2"
            ClaimKind.Exact
            "φ = (1/n)Σx_iy_i, one coordinate a sample: E‖z‖² × (1 − γ²/n + γ⁴/n) a step of SSEG, × (1 + γ²(1/n − 2/n²) + γ⁴/n²) of ISEG"
            coordinateSpecs
            (fun _ spec -> coordinates spec false) with
            Formula =
                @"1-\tfrac{\gamma^2}{n}+\tfrac{\gamma^4}{n}\ \text{(SSEG)},\qquad 1+\gamma^2\bigl(\tfrac1n-\tfrac2{n^2}\bigr)+\tfrac{\gamma^4}{n^2}\ \text{(ISEG)}"
            Assumptions =
                "the game of Chavdarova et al.; SSEG converges for γ < 1, ISEG diverges for every γ > 0 when n ≥ 2"
            Source = "per coordinate |1 − γ²ss' − iγs'|² with s, s' ∈ {0, 1}"
            Falsifiers = [
                Falsifier.check "SSEG and ISEG exchanged" (fun _ spec -> coordinates spec true)
            ]
            Tight =
                Some {
                    Instance = { Coordinates = 2; Gamma = 0.5 }
                    AtLeast = 1.0
                }
    }

// ---- VI-SEG.3 --------------------------------------------------------------------------------------------------

/// s uniform on `Count` numbers evenly spaced from Low to High.
[<NoComparison>]
type ScalarSpec = {
    Count: int
    Low: float
    High: float
    Gamma: float
}

let private samples (spec: ScalarSpec) =
    Array.init spec.Count (fun i ->
        if spec.Count = 1 then
            spec.High
        else
            spec.Low + (spec.High - spec.Low) * float i / float (spec.Count - 1))

let private scalars (spec: ScalarSpec) swapped =
    let s = samples spec

    let moment k =
        s |> Array.averageBy (fun v -> v ** float k)

    let g = spec.Gamma

    let f =
        Games.rotations
            (s |> Array.map (fun _ -> 0.0))
            (s |> Array.map Array.singleton)
            (s |> Array.map (fun _ -> [| 0.0; 0.0 |]))

    factors
        f
        g
        (1.0 - g ** 2.0 * moment 2 + g ** 4.0 * moment 4)
        (1.0 + g ** 2.0 * (moment 2 - 2.0 * moment 1 ** 2.0) + g ** 4.0 * moment 2 ** 2.0)
        swapped
    |> Pieces.all

let private scalarSpecs =
    let generator =
        gen {
            let! count = Gen.choose (1, 4)
            let! low = Gen.elements [ -2.0; -1.0; 0.0; 0.5 ]
            let! high = Gen.elements [ 1.5; 3.0 ]
            let! gamma = Gen.elements [ 0.1; 0.3; 1.0 ]

            return {
                Count = count
                Low = low
                High = high
                Gamma = gamma
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Count > 1 then
                { spec with Count = spec.Count - 1 }
        })
    |> Instances.startingWith [
        {
            Count = 2
            Low = -1.0
            High = 3.0
            Gamma = 0.1
        }
    ]

let scalarClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.3"
            ClaimKind.Exact
            "xy-game with a random factor s: E‖z‖² × E[1 − γ²s² + γ⁴s⁴] a step of SSEG, × (1 + γ²(Es² − 2(Es)²) + γ⁴(Es²)²) of ISEG"
            scalarSpecs
            (fun _ spec -> scalars spec false) with
            Formula =
                @"\mathbb E[1-\gamma^2s^2+\gamma^4s^4]\ \text{(SSEG)},\qquad 1+\gamma^2(\mathbb Es^2-2(\mathbb Es)^2)+\gamma^4(\mathbb Es^2)^2\ \text{(ISEG)}"
            Assumptions =
                "s uniform on finitely many numbers of nonzero mean; {−1, 3} at γ = 0.1 gives 0.9541 and 1.0325"
            Source = "E|1 − iγs' − γ²ss'|² over one sample and over two"
            Falsifiers = [ Falsifier.check "SSEG and ISEG exchanged" (fun _ spec -> scalars spec true) ]
            Tight =
                Some {
                    Instance = {
                        Count = 2
                        Low = -1.0
                        High = 3.0
                        Gamma = 0.1
                    }
                    AtLeast = 1.0
                }
    }

// ---- VI-SEG.4 --------------------------------------------------------------------------------------------------

/// (I + γA)⁻¹, A the game's matrix: the implicit step z⁺ = z − γF(z⁺) in z − z*.
let private resolvent (game: BilinearGame) gamma =
    let b = game.Coupling
    let m = b.Rows

    let forward =
        Matrix.Create(
            2 * m,
            2 * m,
            fun i j ->
                if i = j then 1.0
                elif i < m && j >= m then gamma * b[i, j - m]
                elif i >= m && j < m then -gamma * b[j, i - m]
                else 0.0
        )

    Decompositions.Solve(forward, Matrix.Identity(2 * m))

/// Per singular block: squared distance of `sweep` to the implicit step, against factor·‖z‖².
let private distances (spec: BilinearSpec) (sweep: IFiniteSumOperator -> Parameters -> State -> State) =
    let game = Games.bilinear spec
    let f = game :> IFiniteSumOperator

    [
        for share in [ 0.4; 1.0; 2.0 ] do
            let p = { Gamma = share / f.Lipschitz }
            let solve = resolvent game p.Gamma

            for sigma, reader in game.SingularBlocks do
                let t = p.Gamma * sigma
                let implicit (s: State) = (s.Z - f.Solution).Apply solve

                let proc: Process<State, unit> = {
                    Name = "SSEG against the implicit step"
                    Draw = Draw.none
                    Step =
                        fun () s -> {
                            Z = (sweep f p s).Z - f.Solution - implicit s
                        }
                    Cost = fun () -> []
                }

                let size (s: State) = Block.normSquared (s.Z.Apply reader)

                let start (s: State) =
                    Block.normSquared ((s.Z - f.Solution).Apply reader)

                let equal (proc: Process<State, unit>) factor =
                    Spectral.oneStep {
                        Process = proc
                        Centre = { Z = f.Solution }
                        Keeps = None
                        Measure = size
                        Bound = fun s -> factor * start s
                        Relation = Relation.Equal
                        MatchMoments = false
                    }

                equal proc (t ** 6.0 / (1.0 + t * t))

                equal
                    {
                        proc with
                            Step = fun () s -> { Z = implicit s }
                    }
                    (1.0 / (1.0 + t * t))
    ]
    |> Pieces.all

let private only = Indices.Constant(1, 0)

let private twoSweeps (f: IFiniteSumOperator) (p: Parameters) (s: State) = step f p only s

let private oneSweep (f: IFiniteSumOperator) (p: Parameters) (s: State) : State = {
    Z = s.Z - p.Gamma * f.OperatorAt only s.Z
}

let private square: BilinearSpec = {
    Dimension = 2
    SigmaMin = 0.5
    SigmaMax = 1.0
    Spread = 1.0
    Seed = 1
}

/// Below γσ = 0.1 the sixth power is too small to be resolved.
let private resolved (spec: BilinearSpec) = spec.SigmaMax <= 2.0 * spec.SigmaMin

let implicitClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SEG.4"
            ClaimKind.Exact
            "bilinear game, singular value s: ‖z⁺_SSEG − z⁺_implicit‖ = γ³s³/√(1+γ²s²)·‖z‖, ‖z⁺_implicit‖ = ‖z‖/√(1+γ²s²)"
            (BilinearSpec.instances 3 |> Instances.startingWith [ square ])
            (fun _ spec -> distances spec twoSweeps) with
            Formula =
                @"\|z^+_{\mathrm{SSEG}}-z^+_{\mathrm{impl}}\| = \frac{\gamma^3|s|^3}{\sqrt{1+\gamma^2s^2}}\|z\|,\quad z^+_{\mathrm{impl}} = z-\gamma F(z^+_{\mathrm{impl}})"
            Assumptions = "F skew"
            Source = "1 − iγs − γ²s² against 1/(1 + iγs)"
            Valid = resolved
            Falsifiers = [
                Falsifier.check "one sweep: z − γF(z)" (fun _ spec -> distances spec oneSweep)
            ]
            Tight = Some { Instance = square; AtLeast = 1.0 }
    }
