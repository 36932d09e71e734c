/// How far a renewed preconditioner may move (VI-SCALED.2).
module Theory.Algorithms.VariationalInequalities.MetricDrift

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Algorithms
open Theory.Algorithms.VariationalInequalities.ScaledExtragradient

/// A game with the range of the preconditioners.
[<NoComparison>]
type ScaledSpec = {
    /// m = dim x = dim y.
    Dimension: int
    Mu: float
    Curvature: float
    Coupling: float
    /// e.
    Floor: float
    /// Γ/e.
    Ratio: float
    Seed: int
}

/// Games and ranges as a claim's instances.
let instances =
    let generator =
        gen {
            let! dimension = Gen.choose (1, 2)
            let! mu = Gen.elements [ 0.01; 0.1; 1.0 ]
            let! condition = Gen.elements [ 1.0; 3.0 ]
            let! coupling = Gen.elements [ 0.0; 0.5; 1.0; 5.0 ]
            let! floor = Gen.elements [ 0.2; 0.5; 1.0 ]
            let! ratio = Gen.elements [ 1.0; 2.0; 6.0; 25.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                Mu = mu
                Curvature = mu * condition
                Coupling = coupling
                Floor = floor
                Ratio = ratio
                Seed = seed
            }
        }

    let shrink (spec: ScaledSpec) =
        seq {
            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Curvature > spec.Mu then
                { spec with Curvature = spec.Mu }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    Instances.generated generator shrink

/// An instance of every claim.
let standard: ScaledSpec = {
    Dimension = 2
    Mu = 0.1
    Curvature = 0.3
    Coupling = 1.0
    Floor = 0.5
    Ratio = 6.0
    Seed = 1
}

// ---- VI-SCALED.2 -----------------------------------------------------------------------------------------------

/// Both rules of renewal.
let both = [ Averaging.Squares; Averaging.Values ]

/// D_k beside the H_k that renews it, one pair a coordinate.
type private Pair = { D: Block; H: Block }

/// D̂_{k+1}/D̂_k − 1 over (1−β)C at the corners of |D| ∈ {e, Γ}, |H| = Γ, at random pairs and at the worst that a search finds.
let private drifts ctx (spec: ScaledSpec) (constant: Averaging -> Parameters -> float) =
    let lanes = CheckContext.pick 4 8 32 ctx
    let low, high = spec.Floor, spec.Ratio * spec.Floor

    [
        for averaging in both do
            for renewal in [ 1e-3; 0.3; 1.0 ] do
                let p: Parameters = {
                    Gamma = 1.0
                    Beta = 1.0 - renewal
                    Floor = low
                    Ceiling = high
                    BiasCorrected = false
                    Momentum = 0.0
                }

                let keep (s: Pair) : Pair = {
                    // Averages of H's stay in [−Γ, Γ]; those of squares are nonnegative.
                    D = s.D.Clamp((if averaging = Averaging.Squares then 0.0 else -high), high)
                    H = s.H.Clamp(-high, high)
                }

                let now (s: Pair) = clipped p s.D
                let next (s: Pair) = clipped p (renew averaging p 0 s.D s.H)

                let corners = [| for d in [ low; high; 0.0 ] -> [| d |] |]

                let start =
                    let g = CheckContext.gaussianStarts ctx 1 lanes 1 high

                    keep {
                        D = Block.ConcatLanes(Block.ofRows corners, g)
                        H =
                            Block.ConcatLanes(
                                Block.ofRows [| for _ in corners -> [| high |] |],
                                CheckContext.gaussianStarts ctx 2 lanes 1 high
                            )
                    }

                Enumerated.oneStep ctx {
                    Process = {
                        Name = "renewal"
                        Draw = Draw.none
                        Step = fun () s -> s
                        Cost = fun () -> []
                    }
                    States = start
                    Measure = fun s _ -> next s
                    Bound = fun s -> (1.0 + renewal * constant averaging p) * now s
                    Relation = Relation.AtMost
                    Keep = keep
                    Search = CheckContext.pick 4 6 60 ctx
                }
    ]
    |> Pieces.all

let driftClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.2"
            ClaimKind.Sure
            "D̂_{k+1} ⪯ (1 + (1−β)C)D̂_k, C = Γ²/(2e²) for averaged squares, Γ/e for averaged values, whatever |H| ≤ Γ"
            (instances |> Instances.startingWith [ standard; { standard with Ratio = 1.0 } ])
            (fun ctx spec -> drifts ctx spec drift) with
            Formula =
                @"\hat D_{k+1} \preceq \Bigl(1+(1-\beta)\tfrac{\Gamma^2}{2e^2}\Bigr)\hat D_k\ \text{or}\ \Bigl(1+(1-\beta)\tfrac\Gamma e\Bigr)\hat D_k"
            Assumptions = "|H_k| ≤ Γ, D̂ = max{e, |D|}; entry by entry, so one dimension says all"
            Source =
                "derived: √(1+x) ≤ 1 + x/2; the largest next entry is at |D| = e, |H| = Γ, which is among the states"
            Falsifiers = [
                Falsifier.check "Γ/e left out" (fun ctx spec ->
                    drifts ctx spec (fun averaging p -> drift averaging { p with Ceiling = p.Floor }))
                |> Falsifier.at [ standard ]
            ]
            Tight = Some { Instance = standard; AtLeast = 0.999 }
    }

// ---- VI-SCALED.2b ----------------------------------------------------------------------------------------------

/// D_k² of Adam's β_k after each of some steps with random H, against ((1−β)/(1−β^k)) Σ_j β^{k−1−j}H_j².
let private average ctx (beta: float) corrected =
    let p: Parameters = {
        Gamma = 1.0
        Beta = beta
        Floor = 1e-3
        Ceiling = 1e3
        BiasCorrected = corrected
        Momentum = 0.0
    }

    let h = Array.init 12 (fun site -> CheckContext.gaussianStarts ctx site 1 3 1.0)

    let ds =
        (Block.zeros 1 1 3, Array.indexed h)
        ||> Array.scan (fun d (k, h) -> (renew Averaging.Squares p k d h).Materialise())

    [
        for k in 1 .. h.Length do
            let weight = (1.0 - beta) / (1.0 - beta ** float k)

            let closed =
                Seq.init k (fun j -> weight * beta ** float (k - 1 - j) * h[j].Square())
                |> Seq.reduce (fun a b -> a + b)

            for i in 0..2 do
                Evidence.row Relation.Equal 3 k $"D_{k}², entry {i}" (ds[k].[0, 0, i] ** 2.0) closed[0, 0, i]
    ]
    |> Evidence.ofRows Rung.Trajectories Relation.Equal

/// The β of an average.
[<NoComparison>]
type AverageSpec = { Beta: float }

let adamClaim: Claim =
    Claim.create {
        Claim.spec
            "VI-SCALED.2b"
            ClaimKind.Exact
            "β_k = (β − β^{k+1})/(1 − β^{k+1}) makes D_k² Adam's bias-corrected average of the H_j², whatever D_0"
            (Instances.only [ { Beta = 0.5 }; { Beta = 0.9 }; { Beta = 0.999 } ])
            (fun ctx spec -> average ctx spec.Beta true) with
            Formula = @"D_{k}^2=\frac{1-\beta}{1-\beta^{k}}\sum_{j<k}\beta^{k-1-j}H_j^2"
            Assumptions = "0 < β < 1"
            Source = "(1 − β^{k+1})D_{k+1}² = β(1 − β^k)D_k² + (1 − β)H_k²"
            Falsifiers = [ Falsifier.check "constant β" (fun ctx spec -> average ctx spec.Beta false) ]
            Tight =
                Some {
                    Instance = { Beta = 0.9 }
                    AtLeast = 1.0 - 1e-9
                }
    }
