/// SignSGD, Signum, normalised SGD and Muon along their runs: claims of LM-BLOCKS, and the paper's entry.
module Theory.Algorithms.LmoSignAdaptive.MomentumClaims

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems

// ---- 5: deterministic runs are equalities --------------------------------------------------------------------------

[<NoComparison>]
type ExactSpec = {
    /// 1 runs SignSGD on Σ λ_i x_i²/2; more runs Muon on matrices with that many rows and ½λ‖X‖².
    Rows: int
    Columns: int
    Stepsize: float
    Steps: int
    Seed: int
}

let private exactInstances: Instances<ExactSpec> =
    let spec rows columns stepsize steps = {
        Rows = rows
        Columns = columns
        Stepsize = stepsize
        Steps = steps
        Seed = 1
    }

    Instances.generated
        (gen {
            let! rows = Gen.choose (1, 4)
            let! columns = Gen.choose (1, 5)
            let! stepsize = Gen.elements [ 0.013; 0.057; 0.21 ]
            let! steps = Gen.choose (1, 60)
            let! seed = Gen.choose (0, 1000)

            return {
                spec rows columns stepsize steps with
                    Seed = seed
            }
        })
        (fun s ->
            seq {
                if s.Steps > 1 then
                    { s with Steps = s.Steps / 2 }

                if s.Columns > 1 then
                    { s with Columns = s.Columns - 1 }
            })
    |> Instances.startingWith [ spec 1 5 0.05 37; spec 3 5 0.07 60 ]

let private singular rows (row: float[]) =
    (Decompositions.Svd(Matrix(rows, row.Length / rows, row))).Values
    |> Array.ofSeq
    |> Array.sort

/// Mean dual norm of the gradients against (f(x_0)−f(x_K))/(tK) + share·tL/2, and for Muon σ ← |σ − t|.
let private equalities (share: float) (spec: ExactSpec) =
    let d = spec.Rows * spec.Columns
    let isMatrix = spec.Rows > 1

    let spectrum =
        if isMatrix then
            Array.create d 0.8
        else
            Linear.geometric 0.1 1.0 d

    let f = Quadratic.diagonal spectrum :> IObjective

    let p: Muon.Parameters = {
        Stepsize = spec.Stepsize
        Alpha = 1.0
        Sigma = 0.0
        Rows = spec.Rows
        Iterations = 0
    }

    let signs: SignSGD.Parameters = {
        Stepsize = spec.Stepsize
        Alpha = 1.0
        Sigma = 0.0
    }

    let proc =
        if isMatrix then
            Method.on f p Muon.method
        else
            Method.on f signs SignSGD.method

    let dual g =
        if isMatrix then Muon.dualNorm p g else Norm.maximum.Dual g

    let smoothness =
        if isMatrix then
            0.8 * float (min spec.Rows spec.Columns)
        else
            Array.sum spectrum

    let start = SignSGD.init (Block.vector (Linear.gaussians spec.Seed 0 d))

    let run =
        Run.trajectories CheckContext.standard proc start {
            Steps = spec.Steps
            Every = 1
            Measures = [ (fun s -> dual (f.Gradient s.X)); (fun s -> f.Value s.X) ]
            Progress = None
        }

    let k = float spec.Steps
    let mean = Seq.init spec.Steps (fun i -> run.Measures[0].[i].[0]) |> Seq.average
    let values = run.Measures[1]
    let drop = (values[0].[0] - values[spec.Steps].[0]) / (spec.Stepsize * k)

    Evidence.ofRows Rung.Trajectories Relation.Equal [
        Evidence.row
            Relation.Equal
            d
            spec.Steps
            "mean of ‖∇f(x_k)‖_*"
            mean
            (drop + share * 0.5 * spec.Stepsize * smoothness)
        if isMatrix then
            let expected =
                (singular spec.Rows (start.X.ToArray()), seq { 1 .. spec.Steps })
                ||> Seq.fold (fun values _ -> values |> Array.map (fun s -> abs (s - spec.Stepsize)))
                |> Array.sort

            for i, s in Array.indexed (singular spec.Rows (run.Final.X.ToArray())) do
                // Values near 0 are rounding relative to t.
                let allowed = Rounding.allowance (float (d * spec.Steps)) 1.0

                {
                    Label = $"singular value {i} of X_K"
                    Measured = s
                    Bound = expected[i]
                    Holds = abs (s - expected[i]) <= allowed
                }
    ]

let deterministic: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.5"
            ClaimKind.Exact
            "on these quadratics (1/K)Σ‖∇f(x_k)‖_* = (f(x_0)−f(x_K))/(tK) + tL/2 for SignSGD and Muon; Muon's singular values follow σ ← |σ−t|"
            exactInstances
            (fun _ spec -> equalities 1.0 spec) with
            Formula = @"\frac1K\sum_{k<K}\|\nabla f(x_k)\|_* = \frac{f(x_0)-f(x_K)}{tK} + \frac{tL}{2}"
            Assumptions = "½Σλ_i x_i² with no x_i = 0 on the way (L = Σλ); (λ/2)‖X‖² at full rank (L = λ·min(m,n))"
            Source = "derived: the descent inequality is an equality"
            Falsifiers = [ Falsifier.check "tL/2 dropped" (fun _ spec -> equalities 0.0 spec) ]
    }

// ---- 6: momentum and noise -----------------------------------------------------------------------------------------

[<NoComparison>]
type NoiseSpec = {
    Norm: string
    Stepsize: float
    Alpha: float
    Steps: int
    Sigma: float
}

let private masters (changeBound: SignSGD.Parameters -> SignSGD.Parameters) ctx (spec: NoiseSpec) =
    let spectrum = Linear.geometric (10.0 ** -1.5) 1.0 8
    let f = Quadratic.diagonal spectrum :> IObjective
    let norm = Norm.vectors |> List.find (fun n -> n.Name = spec.Norm)
    let smoothness = Norm.diagonalSmoothness norm spectrum
    let rho = if spec.Norm = "ℓ∞" then sqrt 8.0 else 1.0

    let p: SignSGD.Parameters = {
        Stepsize = spec.Stepsize
        Alpha = spec.Alpha
        Sigma = spec.Sigma
    }

    let bound = SignSGD.masterBound f norm norm.Dual smoothness rho (changeBound p)

    let proc =
        Method.on f p (SignSGD.methodIn "EMA-LMO" norm (fun _ -> smoothness) (fun _ -> rho))

    let start = SignSGD.init (Block.Fill(Shape.Vector(1, 1, 8), 2.0))

    if spec.Sigma = 0.0 then
        Trajectories.bound ctx proc start spec.Steps Relation.AtMost 0 bound
    else
        let replicates = CheckContext.pick 30 60 800 ctx
        Replicates.bound ctx proc start spec.Steps replicates [ spec.Steps / 5; spec.Steps ] bound

let private noise norm stepsize alpha steps sigma = {
    Norm = norm
    Stepsize = stepsize
    Alpha = alpha
    Steps = steps
    Sigma = sigma
}

let private momentumless = noise "ℓ∞" 0.05 1.0 300 0.0

let master: Claim =
    Claim.create {
        Claim.spec
            "LM-BLOCKS.6"
            ClaimKind.Mean
            "(1/K)ΣE‖∇f(x_k)‖_* ≤ Δ/(tK) + Lt/2 + 2[ρσ/(αK) + Lt(1−α)/α + ρσ√(α/(2−α))]"
            (Instances.only [
                for norm in [ "ℓ2"; "ℓ∞"; "ℓ1" ] do
                    noise norm 0.05 1.0 300 0.0
                noise "ℓ2" 0.02 0.1 300 0.3
                noise "ℓ∞" 0.02 0.1 300 0.3
                noise "ℓ∞" 0.05 0.3 300 0.1
            ])
            (masters id) with
            Formula =
                @"\frac1K\sum_{k<K}\mathbb E\|\nabla f(x_k)\|_* \le \frac{\Delta}{tK}+\frac{Lt}{2}+2\Big[\frac{\rho\sigma}{\alpha K}+\frac{Lt(1-\alpha)}{\alpha}+\rho\sigma\sqrt{\tfrac{\alpha}{2-\alpha}}\Big]"
            Assumptions = "f L-smooth in the norm, E‖ξ‖_2² ≤ σ², ‖v‖_* ≤ ρ‖v‖_2"
            Source = "derived: LM-BLOCKS.4 summed, the error of m unrolled"
            Statistical = true
            Falsifiers = [
                Falsifier.check "α = 0.02 in the run, α = 1 in the bound" (masters (fun p -> { p with Alpha = 1.0 }))
                |> Falsifier.at [ noise "ℓ2" 0.05 0.02 2000 0.0 ]
                Falsifier.check "noise left out of the bound" (masters (fun p -> { p with Sigma = 0.0; Alpha = 1.0 }))
                |> Falsifier.at [ noise "ℓ2" 0.05 1.0 500 3.0 ]
            ]
            Tight =
                Some {
                    Instance = momentumless
                    AtLeast = 0.99
                }
    }

let paper: Paper = {
    Key = "LM-BLOCKS"
    Title = "Building blocks: norms, linear minimisation, Newton–Schulz, momentum"
    Citation =
        "Bernstein et al. 2018; Jordan et al. 2024; Pethick et al., arXiv 2502.07529; Riabinin et al., arXiv 2505.13416"
    Family = "lmo-sign-adaptive"
    Problem = "min f, L-smooth in a norm, gradient noise with E‖ξ‖_2² ≤ σ²"
    Methods = [ MethodEntry.create SignSGD.method; MethodEntry.create Muon.method ]
    Claims = [
        LmoBlocks.table
        NewtonSchulzClaims.convergent
        NewtonSchulzClaims.nonconvergent
        LmoBlocks.oneStep
        deterministic
        master
        GeneralisedSmoothness.generalisedSmoothness
    ]
}
