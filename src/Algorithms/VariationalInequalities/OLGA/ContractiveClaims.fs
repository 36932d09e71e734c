/// EF-OLGA's claims, each with Top-1 and with contractive Rand-1.
/// Bylinkin, Beznosikov, arXiv 2412.16414.
module Theory.Algorithms.VariationalInequalities.EFOLGAClaims

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.VariationalInequalities.SimilarityEpochs
open Theory.Algorithms.VariationalInequalities.OLGA
open Theory.Algorithms.VariationalInequalities.EFOLGA
open Theory.Algorithms.VariationalInequalities.EFOLGAEpochs

let private small: Instances<ServerSpec> =
    ServerSums.instances 3 2
    |> Instances.startingWith [ OLGAClaims.dissimilar ]
    |> Instances.counts 1 2 30

let private large: Instances<ServerSpec> =
    ServerSums.instances 3 4
    |> Instances.startingWith [
        OLGAClaims.dissimilar
        {
            OLGAClaims.dissimilar with
                Workers = 3
                Dimension = 4
                Mu = 0.1
                Delta = 1.0
        }
    ]
    |> Instances.counts 1 2 30

let private random = contractiveRandK 1
let private greedy = topK 1
let private theoremRule = parametersOf (1.0 / 6.0) 28.0

let private faster power (f: IObjective) (w: Weights) (s: Outer) =
    (1.0 - float power * w.Tau) * valuePart f w s
    + (1.0 + f.StrongConvexity * w.Alpha) ** -(float power) * distancePart f w s

/// A falsifier of both forms of a claim.
let private change (name: string) (check: CheckContext -> Compressor -> ServerSpec -> Evidence) = name, check

/// The claim with Top-1 under its own key and with contractive Rand-1 under the key with a letter.
let private pair id letter check falsifiers (shape: ClaimSpec<ServerSpec> -> ClaimSpec<ServerSpec>) =
    let one id compressor suffix instances =
        let spec =
            Claim.spec id ClaimKind.Mean "" instances (fun ctx spec -> check ctx compressor spec)
            |> shape

        Claim.create {
            spec with
                Statement = $"{spec.Statement}; {suffix}"
                Falsifiers =
                    falsifiers
                    |> List.map (fun (name, changed) ->
                        Falsifier.check name (fun ctx spec -> changed ctx compressor spec))
        }

    [
        one id greedy "Top-1, from many starts" large
        one (id + letter) random "contractive Rand-1, from all starts" small
    ]

let outerTheorem: Claim list =
    pair
        "VI-OLGA.3"
        "b"
        (fun ctx c spec -> theorem ctx theoremRule c bound spec)
        [
            change "(1−4τ)Y + (1+μα)⁻⁴Z" (fun ctx c spec -> theorem ctx theoremRule c (faster 4) spec)
        ]
        (fun spec -> {
            spec with
                Statement = "EF-OLGA: E[Y_{k+1} + Z_{k+1}] ≤ (1−τ)Y_k + Z_k/(1+μα)"
                Formula = @"\mathbb E[Y_{k+1}+Z_{k+1}] \le (1-\tau)Y_k+\frac{Z_k}{1+\mu\alpha}"
                Assumptions = "p = 1/β, θ ≤ p^{3/2}/(24δ), τ = min{√(μθ/p), 1}/6, α = θ/(28pτ)"
                Source = "arXiv 2412.16414, Theorem 2"
                Tight =
                    Some {
                        Instance = OLGAClaims.dissimilar
                        AtLeast = 0.99
                    }
        })

let innerLemma: Claim list =
    pair
        "VI-OLGA.7"
        "b"
        (fun ctx c spec -> lemma ctx 2 c id 1.0 spec)
        [
            change "p left out before the inner product" (fun ctx c spec -> lemma ctx 0 c (fun _ -> 1.0) 1.0 spec)
            change "memories left out of x̃_N" (fun ctx c spec -> lemma ctx 30 c id 0.0 spec)
        ]
        (fun spec -> {
            spec with
                Statement =
                    "E[f(x_N) − f(x)] ≤ E[p⟨x − x_0, ∇(f_1−f)(x_N) − ∇(f_1−f)(x_0) + (x̃_N − x_0)/θ⟩ − (p/7)D_h(x_0, x_N) − (μ/2)‖x_N − x‖²], x̃_N = x_N − e_N"
                Formula =
                    @"\mathbb E[f(x_N)-f(x)] \le \mathbb E\big[p\langle x-x_0,\nabla(f_1-f)(x_N)-\nabla(f_1-f)(x_0)+\tfrac{\tilde x_N-x_0}{\theta}\rangle-\tfrac p7D_h(x_0,x_N)-\tfrac\mu2\|x_N-x\|^2\big]"
                Assumptions = "p = 1/β, θ ≤ p^{3/2}/(24δ), memories empty at the start of an epoch"
                Source = "arXiv 2412.16414, Lemma 5"
                Tight =
                    Some {
                        Instance = OLGAClaims.dissimilar
                        AtLeast = 0.99
                    }
        })

/// An instance whose first epoch all but reaches the solution, with a memory left.
let private quick: ServerSpec = {
    OLGAClaims.dissimilar with
        Mu = 1.0
        Delta = 0.3
}

let memory: Claim list =
    pair
        "VI-OLGA.8"
        "b"
        (fun ctx c spec ->
            // p need not be 1/β.
            [ id; (fun p -> p / 3.0) ]
            |> List.map (fun p -> memoryBound ctx true c p spec)
            |> Pieces.all)
        [
            change "memory not reset" (fun ctx c spec -> memoryBound ctx false c id spec)
        ]
        (fun spec -> {
            spec with
                Statement = "E‖e_N‖² ≤ (24θ²δ²/p²) E‖x_N − x_0‖², e_N the mean memory"
                Formula = @"\mathbb E\|e_N\|^2 \le \frac{24\theta^2\delta^2}{p^2}\mathbb E\|x_N-x_0\|^2"
                Assumptions = "any contractive compressor, memories empty at the start of an epoch, any p"
                Source = "arXiv 2412.16414, eq. (29); re-derived"
                Instances = spec.Instances |> Instances.startingWith [ quick ]
        })

let contraction: Claim list =
    pair
        "VI-OLGA.9"
        "b"
        (fun ctx c spec -> theorem ctx parametersFor c contractedBound spec)
        [
            change "(1−4τ) for (1−τ)" (fun ctx c spec ->
                theorem ctx parametersFor c (fun f w s -> (1.0 - 4.0 * w.Tau) * lyapunov f w s) spec)
        ]
        (fun spec -> {
            spec with
                Statement = "EF-OLGA: E[Y_{k+1} + Z_{k+1}] ≤ (1−τ)(Y_k + Z_k) by the corrected corollary"
                Formula = @"\mathbb E[Y_{k+1}+Z_{k+1}] \le (1-\tau)(Y_k+Z_k)"
                Assumptions = "p = 1/β, θ ≤ p^{3/2}/(24δ), τ = min{√(μθ/p), 1}/18, α = θ/(36pτ)"
                Source = "arXiv 2412.16414, Corollary 2 corrected; derived"
                Tight =
                    Some {
                        Instance = OLGAClaims.dissimilar
                        AtLeast = 0.99
                    }
        })
