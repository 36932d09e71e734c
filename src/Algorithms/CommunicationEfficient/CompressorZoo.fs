/// The compressor zoo: every compressor's law, enumerated, against its constants.
///
/// Collected: folklore; Alistarh et al., 2017, arXiv 1610.02132 (dithering); Horváth et al., 2019, arXiv 1905.10988
/// (natural compression); Condat, Yi, Richtárik, 2022, arXiv 2205.04180 (mix, comp and the classes C(η, ω_r)).
/// Classes: U(ω): E C(x) = x, E‖C(x)−x‖² ≤ ω‖x‖². B(α): E‖C(x)−x‖² ≤ (1−α)‖x‖². C(η, ω_r): ‖E C(x)−x‖ ≤ η‖x‖ and
/// E‖C(x)−E C(x)‖² ≤ ω_r‖x‖².
module Theory.Algorithms.CommunicationEfficient.CompressorZoo

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

// ---- Exact moments of a law ------------------------------------------------------------------------------------

let private square (x: float[]) = x |> Array.sumBy (fun v -> v * v)
let private subtract (x: float[]) (y: float[]) = Array.map2 (-) x y

/// ‖E C(x) − x‖, E‖C(x) − E C(x)‖², E‖C(x) − x‖² and the expected number of nonzeros.
let private moments (law: (float * float[]) list) (x: float[]) =
    let mean = Array.init x.Length (fun i -> law |> List.sumBy (fun (p, y) -> p * y[i]))

    let expect f =
        law |> List.sumBy (fun (p, y) -> p * f y)

    {|
        Bias = sqrt (square (subtract mean x))
        Spread = expect (fun y -> square (subtract y mean))
        Error = expect (fun y -> square (subtract y x))
        Nonzeros = expect (Array.filter ((<>) 0.0) >> Array.length >> float)
    |}

let private row relation label operations scale measured bound = {
    Label = label
    Measured = measured
    Bound = bound
    Holds = Evidence.holds relation (Rounding.identity operations scale) measured bound
}

/// Inequalities carry the tightness; identities must hold.
let private judge (equalities: Row list) (inequalities: Row list) =
    Evidence.all [
        {
            Evidence.ofRows Rung.Enumerated Relation.Equal equalities with
                Tightness = nan
        }
        Evidence.ofRows Rung.Enumerated Relation.AtMost inequalities
    ]

// ---- CE-COMPRESSORS.1 ------------------------------------------------------------------------------------------

/// One compressor and one dimension: what instances are made of.
type ZooSpec = {
    /// Key of the zoo.
    Compressor: string
    /// d ≥ 1; a low rank compressor works on (K+1) × (K+2) matrices whatever d.
    Dimension: int
    /// k of the sparsifiers, s of dithering, rank, 1/p − 1 of Bernoulli.
    K: int
    Seed: int
}

let private flat d =
    Array.init d (fun i -> if i % 2 = 0 then 1.5 else -1.5)

/// The compressor of an instance, its dimension, and vectors on which its constant is attained.
let private member' (spec: ZooSpec) : Compressor * int * float[] list =
    let d, k = spec.Dimension, min spec.K spec.Dimension
    let own = min spec.K (spec.Dimension - 1)

    match spec.Compressor with
    | "identity" -> identity, d, []
    | "rand" -> randK k, d, [ flat d ]
    | "contractive rand" -> contractiveRandK k, d, [ flat d ]
    | "bernoulli" -> bernoulli (1.0 / float (spec.K + 1)), d, [ flat d ]
    | "top" -> topK k, d, [ flat d ]
    | "natural" -> natural, d, [ Array.init d (fun i -> 4.0 / 3.0 * 2.0 ** float (i - 2)) ]
    | "dithering" -> dithering spec.K, d, (if spec.K = 1 then [ flat d ] else [])
    | "ternary" -> ternary, d, [ Array.init d (fun i -> if i = 0 then 1.0 else 1.0 / (1.0 + sqrt (float d))) ]
    | "sign" -> scaledSign, d, []
    | "threshold" -> threshold 0.3, d, []
    | "low rank" ->
        let rows = spec.K + 1

        lowRank spec.K rows (rows + 1),
        rows * (rows + 1),
        [
            Array.init (rows * (rows + 1)) (fun at -> if at / (rows + 1) = at % (rows + 1) then 2.0 else 0.0)
        ]
    | "mix" -> mix own 1, d, [ flat d ]
    | "comp" -> comp own (own + 1), d, []
    | other -> invalidArg (nameof spec) $"The zoo has no '{other}'."

let private zoo = [
    "identity"
    "rand"
    "contractive rand"
    "bernoulli"
    "top"
    "natural"
    "dithering"
    "ternary"
    "sign"
    "threshold"
    "low rank"
    "mix"
    "comp"
]

let private vectors seed d count = [
    for j in 0 .. count - 1 ->
        // Odd ones heavy-tailed, so that some entries dominate.
        Linear.gaussians seed j d
        |> Array.map (fun v -> if j % 2 = 0 then v else v * v * v)
]

/// Identities that hold for every x, beyond the constants.
let private identities (spec: ZooSpec) (c: Compressor) x (law: (float * float[]) list) =
    let m, size, d = moments law x, square x, float (Array.length x)

    let equal label =
        row Relation.Equal $"{c.Name}: {label}" (float law.Length * d) size

    let l1 = x |> Array.sumBy abs

    match spec.Compressor with
    | "identity" -> [ equal "error 0" m.Error 0.0 ]
    | "rand"
    | "bernoulli" -> [ equal "error ω‖x‖²" m.Error (omegaOf c x.Length * size) ]
    | "contractive rand" ->
        let eta, spread = c.Relative x.Length

        [
            equal "error (1−α)‖x‖²" m.Error ((1.0 - alphaOf c x.Length) * size)
            equal "‖E C(x)−x‖² = η²‖x‖²" (m.Bias ** 2.0) (eta * eta * size)
            equal "spread ω_r‖x‖²" m.Spread (spread * size)
        ]
    | "sign" -> [ equal "error ‖x‖²−‖x‖₁²/d" m.Error (size - l1 * l1 / d) ]
    | "dithering" when spec.K = 1 -> [
        row Relation.Equal $"{c.Name}: expected nonzeros ‖x‖₁/‖x‖" (float law.Length) d m.Nonzeros (l1 / sqrt size)
      ]
    | "comp" ->
        let k = min spec.K (x.Length - 1)
        let top = x |> Array.map abs |> Array.sortDescending |> Array.take (k + 1) |> square
        [ equal "spread (k′/k−1)‖Top-k′(x)‖²" m.Spread (top / float k) ]
    | _ -> []

/// Rows of one vector: class constants as inequalities, unbiasedness and special identities as equalities.
let private compare (spec: ZooSpec) (c: Compressor) (attained: bool) (x: float[]) =
    let law = c.ExactLaw x
    let m, size, d = moments law x, square x, x.Length
    let operations = float (law.Length * d)
    let eta, spread = c.Relative d

    let total = law |> List.sumBy fst

    let unbiased = [
        row Relation.Equal $"{c.Name}: total probability" operations 1.0 total 1.0
        match c.Omega d with
        | Some _ -> row Relation.Equal $"{c.Name}: ‖E C(x) − x‖" operations (sqrt size) m.Bias 0.0
        | None -> ()
        match c.SecondMoment with
        | Some moment ->
            let expected = law |> List.sumBy (fun (p, y) -> p * square y)
            row Relation.Equal $"{c.Name}: E‖C(x)‖²" operations size expected (moment x)
        | None -> ()
    ]

    let error = [
        match c.Omega d, c.Alpha d with
        | Some omega, _ -> "error ≤ ω‖x‖²", omega * size
        | None, Some alpha -> "error ≤ (1−α)‖x‖²", (1.0 - alpha) * size
        | None, None -> ()
    ]

    let atMost = [
        for label, bound in error do
            row Relation.AtMost $"{c.Name}: {label}" operations size m.Error bound
        row Relation.AtMost $"{c.Name}: spread ≤ ω_r‖x‖²" operations size m.Spread (spread * size)
        if eta > 0.0 then
            row Relation.AtMost $"{c.Name}: ‖E C(x) − x‖ ≤ η‖x‖" operations (sqrt size) m.Bias (eta * sqrt size)
    ]

    let reached = [
        if attained then
            for label, bound in error -> row Relation.Equal $"{c.Name}: attained, {label}" operations size m.Error bound
    ]

    unbiased @ reached @ identities spec c x law, atMost

/// Sampled outputs are outputs of the law.
let private sampled (ctx: CheckContext) (c: Compressor) (x: float[]) =
    let draw = c.Draw 1 x.Length

    let outputs =
        c.Apply (draw.Sample(CheckContext.address ctx 0, 8)) ((Block.vector x).RepeatLanes 8)
        |> Block.rows

    let law = c.ExactLaw x

    [
        for y in outputs ->
            let nearest = law |> List.map (fun (_, z) -> square (subtract y z)) |> List.min
            row Relation.Equal $"{c.Name}: distance of a sample to the law" (float x.Length) (square x) nearest 0.0
    ]

let private constants (change: Compressor -> Compressor) (ctx: CheckContext) (spec: ZooSpec) =
    let c, d, extremal = member' spec
    let c = change c
    let generic = vectors spec.Seed d (CheckContext.pick 10 25 50 ctx)

    let pieces =
        (generic |> List.map (compare spec c false))
        @ (extremal |> List.map (compare spec c true))

    judge (List.collect fst pieces @ sampled ctx c generic.Head) (List.collect snd pieces)

let private standard name = {
    Compressor = name
    Dimension = 5
    K = (if name = "dithering" || name = "rand" then 1 else 2)
    Seed = 1
}

let private generator =
    gen {
        let! name = Gen.elements zoo
        let! dimension = Gen.choose (2, 6)
        let! k = Gen.choose (1, 3)
        let! seed = Gen.choose (0, 10000)

        return {
            Compressor = name
            Dimension = dimension
            K = k
            Seed = seed
        }
    }

let private shrink (spec: ZooSpec) =
    seq {
        if spec.Dimension > 2 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.K > 1 then
            { spec with K = spec.K - 1 }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

/// x with its k smallest entries kept.
let private smallest (k: int) (c: Compressor) : Compressor = {
    c with
        Apply = fun _ x -> x - x.TopK(x.Dimension - k)
        ExactLaw =
            fun x ->
                let order =
                    Array.indexed x
                    |> Array.sortBy (fun (_, v) -> abs v)
                    |> Array.take k
                    |> Array.map fst
                    |> Set.ofArray

                [ 1.0, x |> Array.mapi (fun i v -> if order.Contains i then v else 0.0) ]
}

let constantsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-COMPRESSORS.1"
            ClaimKind.Exact
            "every compressor has its mean, E‖C(x)−x‖² ≤ ω‖x‖² or (1−α)‖x‖², and η, ω_r; attained where stated"
            (Instances.generated generator shrink
             |> Instances.startingWith (zoo |> List.map standard))
            (constants id) with
            Formula =
                @"\mathbb E C(x)=x,\ \mathbb E\|C(x)-x\|^2\le\omega\|x\|^2;\quad \mathbb E\|C(x)-x\|^2\le(1-\alpha)\|x\|^2"
            Assumptions = "x ∈ R^d; the constants of Compressors.fs"
            Source = "folklore; arXiv 1905.10988 (natural), arXiv 2205.04180 (mix, comp); one-line variances"
            Falsifiers = [
                Falsifier.check "Rand-k without its scale d/k" (fun ctx spec ->
                    constants
                        (fun c ->
                            if spec.Compressor = "rand" then
                                {
                                    c with
                                        ExactLaw = (contractiveRandK 1).ExactLaw
                                }
                            else
                                c)
                        ctx
                        spec)
                |> Falsifier.at [ standard "rand" ]
                Falsifier.check "natural compression with ω = 1/9" (fun ctx spec ->
                    constants
                        (fun c ->
                            if spec.Compressor = "natural" then
                                {
                                    c with
                                        Omega = fun _ -> Some(1.0 / 9.0)
                                }
                            else
                                c)
                        ctx
                        spec)
                |> Falsifier.at [ standard "natural" ]
                Falsifier.check "the k smallest entries kept" (fun ctx spec ->
                    constants (fun c -> if spec.Compressor = "top" then smallest spec.K c else c) ctx spec)
                |> Falsifier.at [ standard "top" ]
            ]
            Tight =
                Some {
                    Instance = standard "natural"
                    AtLeast = 1.0 - 1e-12
                }
    }

// ---- CE-COMPRESSORS.2 ------------------------------------------------------------------------------------------

/// Sizes of the compressors that are combined.
type CombinationSpec = {
    Dimension: int
    K: int
    /// Probability of Bernoulli.
    P: float
    /// Copies averaged.
    Copies: int
    Seed: int
}

/// The law found by running every outcome of the draw through Apply.
let private byDraws (c: Compressor) (x: float[]) = [
    for o in (c.Draw 1 x.Length).Outcomes -> o.Probability, (c.Apply o.Outcome (Block.vector x)).ToArray()
]

let private combinations
    (average: int -> Compressor -> Compressor)
    (composed: float -> float -> float)
    (rest: Compressor -> Compressor -> Compressor)
    (spec: CombinationSpec)
    =
    let d, k = spec.Dimension, spec.K
    let rand, coin, top = randK k, bernoulli spec.P, topK k
    let omega = omegaOf rand d

    let one (x: float[]) =
        let size = square x
        let error (c: Compressor) = (moments (byDraws c x) x).Error
        let equal label = row Relation.Equal label 500.0 size

        let lawAgrees (c: Compressor) =
            equal $"{c.Name}: draws and law agree" (error c) (moments (c.ExactLaw x) x).Error

        let unbiased (c: Compressor) =
            row Relation.Equal $"{c.Name}: ‖E C(x) − x‖" 500.0 (sqrt size) (moments (byDraws c x) x).Bias 0.0

        let mean, chain, sum = average spec.Copies rand, compose rand coin, rest top rand
        let left = subtract x ((Block.vector x).TopK k |> fun b -> b.ToArray()) |> square

        let equalities = [
            equal "C/(1+ω) has error ω/(1+ω)" (error (bestScaled rand d)) (omega / (1.0 + omega) * size)
            equal "mean of n has ω/n" (error mean) (omega / float spec.Copies * size)
            equal "composition has (1+ω₁)(1+ω₂)−1" (error chain) (composed omega (omegaOf coin d) * size)
            equal "induced has ω‖x−C(x)‖²" (error sum) (omega * left)
            for c in [ mean; chain; sum ] do
                unbiased c
                lawAgrees c
        ]

        let inequalities = [
            row Relation.AtMost "induced ≤ ω(1−α)‖x‖²" 500.0 size (error sum) (omega * (1.0 - alphaOf top d) * size)
            for c in [ mix k 1; comp k (k + 1); rand; natural; contractiveRandK k ] do
                let best = bestScaled c d

                row
                    Relation.AtMost
                    $"{best.Name} ≤ (1−α)‖x‖²"
                    500.0
                    size
                    (moments (best.ExactLaw x) x).Error
                    ((1.0 - alphaOf best d) * size)
        ]

        equalities, inequalities

    let pieces = flat d :: vectors spec.Seed d 5 |> List.map one
    judge (List.collect fst pieces) (List.collect snd pieces)

let private usual = {
    Dimension = 4
    K = 1
    P = 0.5
    Copies = 2
    Seed = 1
}

let private product a b = (1.0 + a) * (1.0 + b) - 1.0

let private combinationInstances =
    Instances.generated
        (gen {
            let! dimension = Gen.choose (3, 5)
            let! k = Gen.choose (1, 2)
            let! p = Gen.elements [ 0.2; 0.5; 0.9 ]
            let! copies = Gen.choose (2, 3)
            let! seed = Gen.choose (0, 10000)

            return {
                Dimension = dimension
                K = k
                P = p
                Copies = copies
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Dimension > 3 then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.Copies > 2 then
                    { spec with Copies = spec.Copies - 1 }
            })
    |> Instances.startingWith [ usual ]

/// m copies that share their randomness, with the constant of independent ones.
let private shared (m: int) (c: Compressor) : Compressor = {
    averaged m c with
        Draw = c.Draw
        Apply = c.Apply
        ExactLaw = c.ExactLaw
}

/// C(x) + Q(x): the rest forgotten.
let private notInduced (c: Compressor) (q: Compressor) : Compressor =
    let law (x: float[]) = [
        for p, y in c.ExactLaw x do
            for r, z in q.ExactLaw x -> p * r, Array.map2 (+) y z
    ]

    {
        induced c q with
            ExactLaw = law
            Apply =
                fun draw x ->
                    match draw with
                    | CompressorDraw.Pair(a, b) -> c.Apply a x + q.Apply b x
                    | _ -> x
    }

let combinationsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-COMPRESSORS.2"
            ClaimKind.Exact
            "C/(1+ω) ∈ B(1/(1+ω)); the mean of n independent has ω/n; composition (1+ω₁)(1+ω₂)−1; induced ω(1−α); λ*C ∈ B"
            combinationInstances
            (fun _ spec -> combinations averaged product induced spec) with
            Formula =
                @"C/(1+\omega)\in B(1/(1+\omega)),\ \tfrac1n\sum C_i\in U(\omega/n),\ C_1\circ C_2\in U((1+\omega_1)(1+\omega_2)-1)"
            Assumptions = "independent compressors; λ* = min{1, (1−η)/((1−η)²+ω_r)}"
            Source = "arXiv 2006.11077 (induced), arXiv 2205.04180 (best scale); equalities by enumeration"
            Falsifiers = [
                Falsifier.check "the same randomness in all copies" (fun _ spec ->
                    combinations shared product induced spec)
                Falsifier.check "composition with ω₁ + ω₂" (fun _ spec -> combinations averaged (+) induced spec)
                Falsifier.check "Q applied to x instead of the rest" (fun _ spec ->
                    combinations averaged product notInduced spec)
            ]
            Tight =
                Some {
                    Instance = usual
                    AtLeast = 1.0 - 1e-12
                }
    }

let paper: Paper = {
    Key = "CE-COMPRESSORS"
    Title = "The compressor zoo"
    Citation = "folklore; Alistarh et al., 2017; Horváth et al., 2019, arXiv 1905.10988; Condat, Yi, Richtárik, 2022"
    Family = "communication-efficient"
    Problem = "maps C: R^d → R^d, random or not, with their exact relative error"
    Methods = []
    Claims = [ constantsClaim; combinationsClaim ]
}
