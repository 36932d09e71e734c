/// DCGD-STAR: compressed gradients around shifts that know the solution.
///
/// Shulgin, Richtárik, "Shifted Compression Framework: Generalizations and Improvements", UAI 2022, arXiv 2206.10452.
/// Problem: f = (1/n) Σ f_i, f L-smooth and μ-strongly convex, f_i convex and L_i-smooth, independent Q_i ∈ U(ω),
/// contractive C_i ∈ B(δ).
module Theory.Algorithms.CommunicationEfficient.STAR

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

[<NoComparison; NoEquality>]
type Parameters = {
    Gamma: float
    /// δ of C; 0 for C = 0.
    Delta: float
    /// Q.
    Compressor: Compressor
    /// C, by which the shifts follow the gradients; None is C = 0.
    Shift: Compressor option
}

/// 1/(L + ω(1−δ)Lmax/n).
let largestGamma (f: IFiniteSum) (p: Parameters) =
    let omega = omegaOf p.Compressor f.Dimension

    1.0
    / (f.Smoothness
       + omega * (1.0 - p.Delta) * Array.max f.Smoothnesses / float f.Count)

/// The longest step.
let parametersFor (compressor: Compressor) (shift: Compressor option) (f: IFiniteSum) : Parameters =
    let p = {
        Gamma = 0.0
        Delta =
            match shift with
            | Some c -> alphaOf c f.Dimension
            | None -> 0.0
        Compressor = compressor
        Shift = shift
    }

    { p with Gamma = largestGamma f p }

type State = {
    /// The iterate x.
    X: Block
}

/// h_i = ∇f_i(x*) + C(∇f_i(x) − ∇f_i(x*)), given ∇f_i(x*).
let private shifts (p: Parameters) (draw: CompressorDraw) (gradients: Block) (ideal: Block) =
    match p.Shift with
    | Some c -> ideal + c.Apply draw (gradients - ideal)
    | None -> ideal

let step (f: IFiniteSum) (p: Parameters) (forShift: CompressorDraw, forMessage: CompressorDraw) (s: State) : State =
    let gradients = f.Gradients s.X
    // The solution lives on the host.
    let h = shifts p forShift gradients ((f.Gradients f.Minimiser).On s.X.Engine)
    let m = p.Compressor.Apply forMessage (gradients - h)

    {
        X = s.X - p.Gamma * Block.mean (h + m)
    }

/// ‖x − x*‖².
let distance (f: IFiniteSum) (s: State) = Block.normSquared (s.X - f.Minimiser)

let methodWith
    (compressor: Compressor)
    (shift: Compressor option)
    : Method<IFiniteSum, Parameters, State, CompressorDraw * CompressorDraw> = {
    Name = "DCGD-STAR"
    Summary = "h_i = ∇f_i(x*) + C(∇f_i(x) − ∇f_i(x*)); x⁺ = x − γ·mean(h_i + Q_i(∇f_i(x) − h_i))"
    Rule = parametersFor compressor shift
    Conditions =
        fun f p -> [
            Condition.positive "γ" p.Gamma
            Condition.atMost "γ" p.Gamma "1/(L+ω(1−δ)Lmax/n)" (largestGamma f p)
        ]
    Draw =
        fun f p ->
            let ofShift =
                match p.Shift with
                | Some c -> c.Draw f.Count f.Dimension
                | None -> Draw.always CompressorDraw.Nothing

            Draw.both ofShift (p.Compressor.Draw f.Count f.Dimension)
    Init = fun _ _ x0 -> { X = x0 }
    Step = step
    Output = fun s -> s.X
    Cost =
        fun f p _ ->
            // The server knows ∇f_i(x*), so what C keeps of the difference travels beside m_i.
            let sent (count: Compressor -> float) =
                count p.Compressor + (p.Shift |> Option.map count |> Option.defaultValue 0.0)

            [
                Charge.each Counter.Gradients 1.0
                Charge.each Counter.Rounds 1.0
                Charge.each Counter.UplinkFloats (sent (fun c -> c.Floats f.Dimension))
                Charge.each Counter.UplinkBits (sent (fun c -> c.Bits f.Dimension))
                Charge.each Counter.DownlinkFloats (float f.Dimension)
            ]
    FixedPoint = fun f _ -> Some { X = f.Minimiser }
    Bounds =
        fun f p -> [
            Bounds.linear "CE-SHIFT.2: E‖x_k − x*‖²" true (distance f) (1.0 - p.Gamma * f.StrongConvexity)
        ]
}

/// Rand-k around shifts that follow by Top-k, k a tenth of the dimension.
let method = {
    methodWith (randK 1) (Some(topK 1)) with
        Rule =
            fun f ->
                let k = tenth f.Dimension
                parametersFor (randK k) (Some(topK k)) f
}

// ---- CE-SHIFT.2 ------------------------------------------------------------------------------------------------

/// Quadratics and the shift's compressor.
[<NoComparison>]
type StarSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// "none": C = 0; "rand": contractive Rand-1; "top": Top-1.
    Shift: string
    Seed: int
}

let private setting (spec: StarSpec) =
    let f =
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }
        :> IFiniteSum

    let shift =
        match spec.Shift with
        | "none" -> None
        | "rand" -> Some(contractiveRandK 1)
        | "top" -> Some(topK 1)
        | other -> invalidArg (nameof spec) $"There is no shift '{other}'."

    f, parametersFor (randK 1) shift f

/// E‖x⁺−x*‖² ≤ (1−γμ)‖x−x*‖²: for every x where both compressors are linear, else from many x and the worst found.
let private contracts (change: Parameters -> Parameters) ctx (spec: StarSpec) =
    let f, rule = setting spec
    let p = change rule
    let factor = 1.0 - p.Gamma * f.StrongConvexity
    let proc = Method.on f p method

    if spec.Shift = "top" then
        // Entries of equal size are the worst for Top-k.
        let away =
            Block.ConcatLanes(
                Block.Fill(Shape.Vector(1, 1, spec.Dimension), 1.0),
                CheckContext.gaussianStarts ctx 1 15 spec.Dimension 3.0
            )

        Enumerated.oneStep ctx {
            Process = proc
            States = { X = f.Minimiser + away }
            Measure = fun _ next -> distance f next
            Bound = fun s -> factor * distance f s
            Relation = Relation.AtMost
            Keep = id
            Search = CheckContext.pick 20 60 300 ctx
        }
    else
        Spectral.contraction proc { X = f.Minimiser } None (distance f) factor 0.0

/// The shifts of plain DCGD with STAR's stepsize: the exact E‖x_k−x*‖² against the claim, long after it vanishes.
let private withoutShifts (_: CheckContext) (spec: StarSpec) =
    let f, p = setting spec

    let plain: CompressedGD.Parameters = {
        Gamma = p.Gamma
        Compressor = p.Compressor
    }

    Moments.bound
        (Method.on f plain CompressedGD.method)
        { X = f.Minimiser }
        {
            X = f.Minimiser + Block.Fill(Shape.Vector(1, 1, spec.Dimension), 1.0)
        }
        200
        Relation.AtMost
        (Bounds.linear "E‖x_k − x*‖²" true (CompressedGD.distance f) (1.0 - p.Gamma * f.StrongConvexity))

let private case = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    Shift = "none"
    Seed = 1
}

let private isotropic = { case with Kappa = 1.0 }

let private specFor key statement shifts (start: StarSpec list) : ClaimSpec<StarSpec> = {
    Claim.spec
        key
        ClaimKind.Mean
        statement
        (Instances.generated
            (gen {
                let! workers = Gen.choose (1, 3)
                let! dimension = Gen.choose (2, 3)
                let! kappa = Gen.elements [ 1.0; 3.0; 10.0; 100.0 ]
                let! shift = Gen.elements shifts
                let! seed = Gen.choose (0, 10000)

                return {
                    Workers = workers
                    Dimension = dimension
                    Kappa = kappa
                    Shift = shift
                    Seed = seed
                }
            })
            (fun spec ->
                seq {
                    if spec.Workers > 1 then
                        { spec with Workers = spec.Workers - 1 }

                    if spec.Dimension > 2 then
                        { spec with Dimension = 2 }
                })
         |> Instances.startingWith start
         |> Instances.counts 2 4 30)
        (contracts id) with
        Formula = @"\mathbb E\|x_k-x_*\|^2\le(1-\gamma\mu)^k\|x_0-x_*\|^2"
        Assumptions = "γ ≤ 1/(L+ω(1−δ)Lmax/n), δ = 0 for C = 0"
        // Three workers' pairs of masks in dimension three are 729 outcomes.
        Valid = fun spec -> spec.Shift <> "rand" || spec.Workers * spec.Dimension <= 6
}

let starClaim: Claim =
    Claim.create {
        specFor
            "CE-SHIFT.2"
            "DCGD-STAR: E‖x_{k+1}−x*‖² ≤ (1−γμ) E‖x_k−x*‖², no neighbourhood; C = 0 and contractive Rand-1" [
                "none"
                "rand"
            ] [ case; { case with Shift = "rand" } ] with
            Source = "arXiv 2206.10452, theorem 2, read with C_i ∈ B(δ_i) (it writes U(δ_i)); one step from every x"
            Falsifiers = [
                Falsifier.check "h_i = 0 with the same γ" withoutShifts
                // Where all Hessians are I any longer step contracts by less than 1 − γμ.
                Falsifier.check "γ × 1.1" (contracts (fun p -> { p with Gamma = 1.1 * p.Gamma }))
                |> Falsifier.at [ isotropic ]
            ]
            // A_i = I: E‖e⁺‖² = ((1−γ)² + γ²ω(1−δ)/n)‖e‖² = (1−γ)‖e‖².
            Tight =
                Some {
                    Instance = { isotropic with Shift = "rand" }
                    AtLeast = 1.0 - 1e-9
                }
    }

let starTopClaim: Claim =
    Claim.create {
        specFor "CE-SHIFT.2b" "the same with shifts that follow by Top-1, which is not a linear map" [ "top" ] [
            { case with Shift = "top" }
        ] with
            Source =
                "arXiv 2206.10452, theorem 2; one step, all outcomes, from many x and the worst that a search finds"
            Falsifiers = [
                Falsifier.check "γ × 1.1" (contracts (fun p -> { p with Gamma = 1.1 * p.Gamma }))
                |> Falsifier.at [ { isotropic with Shift = "top" } ]
            ]
            // Entries of equal size.
            Tight =
                Some {
                    Instance = { isotropic with Shift = "top" }
                    AtLeast = 1.0 - 1e-9
                }
    }
