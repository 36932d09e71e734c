/// Heavy ball.
///
/// Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comp. Math. Math. Phys. 4 (1964);
/// counterexample: Lessard, Recht, Packard, SIAM J. Optim. 26 (2016), arXiv 1408.3595.
/// Problem: min f on R^d; f quadratic with spectrum in [μ, L] in (1), smooth and strongly convex in (2).
module Theory.Algorithms.StochasticVarianceReduction.HeavyBall

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = { Gamma: float; Beta: float }

/// γ = 4/(√L + √μ)², β = ((√L − √μ)/(√L + √μ))²: the best constants on quadratics with spectrum in [μ, L].
let parametersFor (mu: float) (smoothness: float) : Parameters =
    let sum = sqrt smoothness + sqrt mu

    {
        Gamma = 4.0 / (sum * sum)
        Beta = ((sqrt smoothness - sqrt mu) / sum) ** 2.0
    }

/// The rule on a problem's certified constants.
let parameters (f: IObjective) =
    parametersFor f.StrongConvexity f.Smoothness

type State = {
    /// The iterate x_k.
    X: Block
    /// The iterate before, x_{k−1}.
    Previous: Block
}

let init (x0: Block) : State = { X = x0; Previous = x0 }

let step (f: IObjective) (p: Parameters) (s: State) : State = {
    X = s.X - p.Gamma * f.Gradient s.X + p.Beta * (s.X - s.Previous)
    Previous = s.X
}

let method: Method<IObjective, Parameters, State, unit> = {
    Name = "HB"
    Summary = "x⁺ = x − γ∇f(x) + β(x − x₋)"
    Rule = parameters
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "2(1+β)/L" (2.0 * (1.0 + p.Beta) / f.Smoothness)
            Condition.atMost "β" p.Beta "1" 1.0
        ]
    Draw = fun _ _ -> Draw.none
    Init = fun _ _ x0 -> init x0
    Step = fun f p () s -> step f p s
    Output = fun s -> s.X
    Cost = fun _ _ () -> [ Charge.each Counter.Gradients 1.0 ]
    FixedPoint = fun f _ -> Some(init f.Minimiser)
    // SV-HB.1 is about eigenvalues: a norm may grow before it falls, so there is no bound along a run.
    Bounds = fun _ _ -> []
}

// ---- Claims ----------------------------------------------------------------------------------------------------

/// Spectra on which the moduli are computed: `Count` eigenvalues from μ to L = κμ.
type SpectrumSpec = { Mu: float; Kappa: float; Count: int }

let private spectra =
    let generator =
        gen {
            let! mu = Gen.elements [ 0.01; 1.0; 7.0 ]
            let! kappa = Gen.elements [ 1.5; 4.0; 30.0; 1000.0; 1e5 ]
            let! count = Gen.choose (2, 50)

            return {
                Mu = mu
                Kappa = kappa
                Count = count
            }
        }

    let shrink spec =
        seq {
            if spec.Count > 2 then
                { spec with Count = 2 }

            if spec.Mu <> 1.0 then
                { spec with Mu = 1.0 }

            if spec.Kappa > 4.0 then
                { spec with Kappa = 4.0 }
        }

    Instances.generated generator shrink

let private kappa30 = { Mu = 1.0; Kappa = 30.0; Count = 50 }

/// The matrix of one step on f(x) = λx²/2, as the method itself acts on (x, x₋).
let private stepMatrix (p: Parameters) (lambda: float) =
    let f = Quadratic.diagonal [| lambda |] :> IObjective
    let centre = init f.Minimiser

    match Affine.map (Codec.ofTemplate centre) centre (step f p) with
    | Ok map -> Matrix.Create(2, 2, (fun i j -> map[i, j]))
    | Error reason -> invalidOp reason

/// Both eigenvalues have modulus √β iff det = β and trace² ≤ 4β: a double root (λ = μ, L) makes the eigenvalues
/// themselves uncertain by √ε, but not these. Away from the ends the moduli are compared too. `stretch` multiplies L in
/// the spectrum, not in the parameters.
let private moduli (stretch: float) (change: Parameters -> Parameters) (spec: SpectrumSpec) =
    let smoothness = spec.Kappa * spec.Mu
    let p = parametersFor spec.Mu smoothness
    let sqrtBeta = (sqrt spec.Kappa - 1.0) / (sqrt spec.Kappa + 1.0)

    let pieces = [
        for i in 0 .. spec.Count - 1 do
            let along = float i / float (spec.Count - 1)
            let lambda = spec.Mu + along * (stretch * smoothness - spec.Mu)
            let m = stepMatrix (change p) lambda
            let name what = $"λ = {lambda:G6}: {what}"
            let trace = m[0, 0] + m[1, 1]
            let determinant = m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]

            Evidence.ofRows Rung.Spectral Relation.Equal [
                Evidence.row Relation.Equal 4 1 (name "product of the eigenvalues, β") determinant (sqrtBeta * sqrtBeta)
                Evidence.row
                    Relation.AtMost
                    4
                    1
                    (name "trace², 4β: no real pair")
                    (trace * trace)
                    (4.0 * sqrtBeta * sqrtBeta)

                if along > 0.0 && along < 1.0 then
                    let both = Decompositions.EigenvalueModuli m
                    Evidence.row Relation.Equal 4 1 (name "larger modulus, √β") both[0] sqrtBeta
                    Evidence.row Relation.Equal 4 1 (name "smaller modulus, √β") both[1] sqrtBeta
            ]
    ]

    let evidence = Evidence.all pieces

    {
        evidence with
            Tightness =
                if evidence.Violation.IsNone then
                    1.0
                else
                    evidence.Tightness
    }

let eigenvalues: Claim =
    Claim.create {
        Claim.spec
            "SV-HB.1"
            ClaimKind.Exact
            "for every λ ∈ [μ, L] both eigenvalues of [[1+β−γλ, −β], [1, 0]] have modulus √β = (√κ−1)/(√κ+1)"
            (spectra |> Instances.startingWith [ kappa30 ])
            (fun _ spec -> moduli 1.0 id spec) with
            Formula =
                @"|\lambda_{1,2}(\begin{pmatrix}1+\beta-\gamma\lambda&-\beta\\1&0\end{pmatrix})|=\sqrt\beta=\frac{\sqrt\kappa-1}{\sqrt\kappa+1}"
            Assumptions = "f quadratic with spectrum in [μ, L], γ = 4/(√L+√μ)², β = ((√κ−1)/(√κ+1))²"
            Source = "Polyak 1964; the discriminant (1+β−γλ)² − 4β vanishes at λ = μ and λ = L and is negative between"
            Falsifiers = [
                Falsifier.check "λ up to 1.02L" (fun _ spec -> moduli 1.02 id spec)
                Falsifier.check "β × 1.01" (fun _ spec -> moduli 1.0 (fun p -> { p with Beta = 1.01 * p.Beta }) spec)
            ]
            Tight = Some { Instance = kappa30; AtLeast = 1.0 }
    }

/// A start of the cycling run: x_0 = x_{−1} = Start.
type CycleSpec = { Start: float; Steps: int }

let private thirds = { Start = 3.3; Steps = 3000 }

/// The cycle −2208/1225 → 2592/1225 → 792/1225.
let private cycle = [| -2208.0 / 1225.0; 2592.0 / 1225.0; 792.0 / 1225.0 |]

let private cycles (gammaScale: float) ctx (spec: CycleSpec) =
    let f = PiecewiseQuadratic() :> IObjective
    let p = parameters f
    let p = { p with Gamma = gammaScale * p.Gamma }
    let value (x: Block) = (Block.lanes x)[0]
    let point i = Block.scalar cycle[i % 3]

    let kept = [
        for i in 0..2 do
            let next =
                step f p {
                    X = point (i + 1)
                    Previous = point i
                }

            Evidence.row
                Relation.Equal
                1
                1
                $"successor of point {(i + 1) % 3} of the cycle"
                (value next.X)
                cycle[(i + 2) % 3]
    ]

    let proc = Method.on f p method

    let plan = {
        Steps = spec.Steps
        Every = spec.Steps
        Measures = []
        Progress = None
    }

    let last = (Run.trajectories ctx proc (init (Block.scalar spec.Start)) plan).Final
    let second = step f p last
    let third = step f p second
    // The run may reach the cycle in any of its three phases.
    let reached =
        [| last; second; third |] |> Array.map (fun s -> value s.X) |> Array.sort

    let arrived =
        Array.map2
            (fun v w -> Evidence.row Relation.Equal 1 1 $"after {spec.Steps} steps, a point of the cycle" v w)
            reached
            (Array.sort cycle)
        |> List.ofArray

    Evidence.ofRows Rung.Trajectories Relation.Equal (kept @ arrived)

/// Gradient descent with γ = 1/L and Nesterov's method converge from the same start, at the rates of SV-GD.1 and SV-NAG.1.
let private othersConverge ctx (spec: CycleSpec) =
    let f = PiecewiseQuadratic() :> IObjective
    let p: GradientDescent.Parameters = { Gamma = 1.0 / f.Smoothness }

    let nesterov =
        Method.on f (AcceleratedGradient.parameters f) AcceleratedGradient.method

    let start = Block.scalar spec.Start

    Evidence.all [
        Trajectories.bound
            ctx
            (Method.on f p GradientDescent.method)
            (GradientDescent.init start)
            400
            Relation.AtMost
            0
            (Bounds.linear "‖x_k − x*‖²" false (GradientDescent.distance f) (GradientDescent.contraction f p))
        Trajectories.bound
            ctx
            nesterov
            (AcceleratedGradient.init start)
            400
            Relation.AtMost
            0
            (AcceleratedGradient.stronglyRate f)
    ]

let counterexample: Claim =
    Claim.create {
        Claim.spec
            "SV-HB.2"
            ClaimKind.Exact
            "on f′ = 25x (x<1), x+24 (1≤x<2), 25x−24 (x≥2) HB from 3.3 ends in the cycle −2208/1225 → 2592/1225 → 792/1225; GD and NAG-SC converge"
            (Instances.only [ thirds ])
            (fun ctx spec -> Evidence.all [ cycles 1.0 ctx spec; othersConverge ctx spec ]) with
            Formula = @"x_{3j+i} \to \left(-\tfrac{2208}{1225},\tfrac{2592}{1225},\tfrac{792}{1225}\right)_i"
            Assumptions = "γ = 4/(√L+√μ)² = 1/9, β = 4/9, f 1-strongly convex and 25-smooth but not quadratic"
            Source = "Lessard, Recht, Packard 2016, section 4.6"
            Falsifiers = [
                Falsifier.check "γ halved" (cycles 0.5)
                Falsifier.check "GD's γ in the heavy ball" (cycles (9.0 / 25.0))
            ]
            Tight =
                Some {
                    Instance = thirds
                    AtLeast = 0.999999
                }
    }

let paper: Paper = {
    Key = "SV-HB"
    Title = "Heavy ball"
    Citation = "Polyak, USSR Comp. Math. Math. Phys. 4 (1964); Lessard, Recht, Packard, SIAM J. Optim. 26 (2016)"
    Family = "stochastic-variance-reduction"
    Problem = "min f on R^d; f quadratic with spectrum in [μ, L] (1), smooth and strongly convex (2)"
    Methods = [ MethodEntry.create method ]
    Claims = [ eigenvalues; counterexample ]
}
