/// The claims of FedAvg with full participation.
module Theory.Algorithms.CommunicationEfficient.FedAvgClaims

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.FedAvg

// ---- CE-FEDAVG.1 -----------------------------------------------------------------------------------------------

/// A quadratic of the standard kind (or n equal Hessians), a stepsize and a number of local steps.
type DriftSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// η(L+μ), at most 2.
    EtaL: float
    LocalSteps: int
    /// All A_i equal.
    Equal: bool
    Seed: int
}

let private problem (spec: DriftSpec) : Quadratic =
    let q =
        Quadratic.distributed {
            Workers = spec.Workers
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = 3.0
            Seed = spec.Seed
        }

    if spec.Equal then
        Quadratic("equal Hessians", Array.replicate spec.Workers q.Matrices[0], q.Centres)
    else
        q

let private setting (spec: DriftSpec) =
    let q = problem spec

    q,
    {
        Eta = spec.EtaL / (1.0 + spec.Kappa)
        LocalSteps = spec.LocalSteps
    }

/// T(x) = (1/n) Σ [b_i + (I − ηA_i)^K (x − b_i)], by powers of matrices.
let private closedForm (q: Quadratic) eta steps (x: Block) : Block =
    let powers =
        q.Matrices
        |> Array.map (fun a ->
            let once =
                Matrix.Create(a.Rows, a.Rows, (fun i j -> (if i = j then 1.0 else 0.0) - eta * a[i, j]))

            Seq.init steps (fun _ -> once)
            |> Seq.fold (fun m t -> LinearAlgebra.Multiply(m, t)) (LinearAlgebra.Diagonal(Array.create a.Rows 1.0)))

    let centres = Block.ofWorkers q.Centres
    Block.mean (centres + (x - centres).Apply powers)

/// The closed form with `shift` more steps, the fixed point, and the contraction around it.
let private exact (shift: int) (spec: DriftSpec) =
    let q, p = setting spec
    let f = q :> IFiniteSum

    let target = {
        X = LocalPasses.averagedPassFixedPoint p.LocalSteps p.Eta q
    }

    let proc = Method.on f p method

    Evidence.all [
        AffineIdentity.everyOutcome proc target None (fun s -> s.X) (fun s ->
            closedForm q p.Eta (p.LocalSteps + shift) s.X)
        LocalPasses.samePoint "x_FA does not move" target.X (step f p () target).X
        Spectral.contraction proc target None (distance target) (contraction f p) 0.0
        if spec.LocalSteps = 1 || spec.Equal || spec.Dimension = 1 then
            LocalPasses.samePoint "x_FA = x*" target.X f.Minimiser
    ]

/// x_FA = x* whatever K.
let private noBias (spec: DriftSpec) =
    let q, p = setting spec

    LocalPasses.samePoint
        "x_FA = x*"
        (LocalPasses.averagedPassFixedPoint p.LocalSteps p.Eta q)
        (q :> IObjective).Minimiser

let private usual = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    EtaL = 0.33
    LocalSteps = 5
    Equal = false
    Seed = 1
}

let private shrink (spec: DriftSpec) =
    seq {
        if spec.Workers > 2 then
            { spec with Workers = spec.Workers - 1 }

        if spec.Dimension > 2 then
            {
                spec with
                    Dimension = spec.Dimension - 1
            }

        if spec.LocalSteps > 2 then
            {
                spec with
                    LocalSteps = spec.LocalSteps - 1
            }

        if spec.Seed > 0 then
            { spec with Seed = spec.Seed / 2 }
    }

let private instances =
    Instances.generated
        (gen {
            let! workers = Gen.choose (2, 4)
            let! dimension = Gen.choose (1, 4)
            let! kappa = Gen.elements [ 2.0; 10.0; 100.0 ]
            let! etaL = Gen.elements [ 0.05; 0.3; 1.0; 2.0 ]
            let! steps = Gen.elements [ 1; 2; 5; 10 ]
            let! equal = Gen.elements [ false; false; true ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                EtaL = etaL
                LocalSteps = steps
                Equal = equal
                Seed = seed
            }
        })
        shrink
    |> Instances.startingWith [ usual; { usual with LocalSteps = 1 }; { usual with Equal = true } ]

let fixedPointClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDAVG.1"
            ClaimKind.Exact
            "a round is T(x) = mean[b_i + (I−ηA_i)^K(x−b_i)], contracts by (1−ημ)^K for η ≤ 2/(L+μ) and rests at x_FA = (ΣS_i)⁻¹ΣS_i b_i only, which is x* for K = 1 or equal A_i"
            instances
            (fun _ -> exact 0) with
            Formula =
                @"x_{FA}=\Bigl(\sum_iS_i\Bigr)^{-1}\sum_iS_ib_i,\quad S_i=I-(I-\eta A_i)^K,\quad \|T(x)-T(y)\|\le(1-\eta\mu)^K\|x-y\|"
            Assumptions = "quadratic f_i with μI ≼ A_i ≼ LI, η ≤ 2/(L+μ)"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "the closed form with K + 1" (fun _ -> exact 1)
                Falsifier.check "x_FA = x* for K = 5 and different A_i" (fun _ spec ->
                    noBias {
                        spec with
                            LocalSteps = 5
                            Equal = false
                            Dimension = max 2 spec.Dimension
                    })
            ]
            // Equal Hessians: every eigenvector of the least eigenvalue shrinks by exactly 1 − ημ a step.
            Tight =
                Some {
                    Instance = { usual with Equal = true }
                    AtLeast = 1.0 - 1e-9
                }
    }

// ---- CE-FEDAVG.2 -----------------------------------------------------------------------------------------------

/// b_i − x*.
let private offsets (q: Quadratic) =
    let solution = (q :> IObjective).Minimiser.ToArray()
    q.Centres |> Array.map (fun b -> Array.map2 (-) b solution)

/// The w of x_FA = x* + ηw + O(η²): −((K−1)/2)A⁻¹·mean A_i²(b_i − x*), for K = `steps`.
let private leading (q: Quadratic) (steps: int) : Block =
    let squares = q.Matrices |> Array.map (fun a -> LinearAlgebra.Multiply(a, a))

    (-0.5 * float (steps - 1))
    * LocalPasses.solve q.Mean (LocalPasses.meanProduct squares (offsets q))

/// c with ‖x_FA − x* − ηw‖ ≤ c·η² for every η ≤ `largest` ≤ 1/L. With S_i = ηK·M_i it is M⁻¹((A−M)ηw + η²·mean R_i(b_i−x*)),
/// where 0 ≼ A_i − M_i ≼ η((K−1)/2)A_i² and 0 ≼ R_i ≼ ((K−1)(K−2)/6)A_i³ by Taylor's formula for (1−t)^K, 0 ≤ t ≤ 1.
let private curvature (q: Quadratic) (steps: int) (largest: float) : float =
    let k = float steps
    let f = q :> IFiniteSum

    let least =
        (1.0 - (1.0 - largest * LocalPasses.strongConvexity f) ** k) / (largest * k)

    let sizes =
        offsets q |> Array.map (fun c -> LinearAlgebra.Norm(System.ReadOnlySpan c))

    let w = (Block.lanes (Block.norm (leading q steps)))[0]
    let second = f.Smoothnesses |> Array.averageBy (fun l -> l * l)

    let third =
        Array.map2 (fun l c -> l ** 3.0 * c) f.Smoothnesses sizes |> Array.average

    ((k - 1.0) / 2.0 * second * w + (k - 1.0) * (k - 2.0) / 6.0 * third) / least

/// How far x_FA is from x*, and from x* + ηw with the w of `assumed` steps.
let private biases (q: Quadratic) steps assumed eta =
    let bias =
        LocalPasses.averagedPassFixedPoint steps eta q - (q :> IObjective).Minimiser

    let norm x = (Block.lanes (Block.norm x))[0]
    norm bias, norm (bias - eta * leading q assumed)

/// The expansion at stepsizes of three decades, and what it implies for the slope of the bias.
let private expansion (assumed: int -> int) (spec: DriftSpec) =
    let q, steps = problem spec, spec.LocalSteps
    let w = (Block.lanes (Block.norm (leading q steps)))[0]
    // Where the second term is at most a tenth of the first, and the stepsizes 1e-2, 1e-3, 1e-4 (times 10/κ).
    let small = 0.1 * w / curvature q steps (1.0 / spec.Kappa)

    let row relation =
        Evidence.row relation spec.Dimension steps

    let remainders = [
        for eta in
            [
                small
                0.1 * small
                0.01 * small
                0.1 / spec.Kappa
                0.01 / spec.Kappa
                0.001 / spec.Kappa
            ] do
            row
                Relation.AtMost
                $"‖x_FA − x* − ηw‖ at η = {eta:G3}"
                (snd (biases q steps (assumed steps) eta))
                (eta * eta * curvature q steps eta)
    ]

    let size eta = fst (biases q steps steps eta)
    let slope = log (size small / size (0.01 * small)) / log 100.0
    // η‖w‖(1 ± cη/‖w‖) at both ends.
    let upper = log (100.0 * 1.1 / (1.0 - 0.001)) / log 100.0
    let lower = log (100.0 * 0.9 / (1.0 + 0.001)) / log 100.0

    Evidence.all [
        Evidence.ofRows Rung.Spectral Relation.AtMost remainders
        Evidence.ofRows Rung.Spectral Relation.AtMost [ row Relation.AtMost "slope of log‖x_FA − x*‖" slope upper ]
        Evidence.ofRows Rung.Spectral Relation.AtLeast [ row Relation.AtLeast "slope of log‖x_FA − x*‖" slope lower ]
    ]
    |> Evidence.note $"slope {slope:F4}"

let biasClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-FEDAVG.2"
            ClaimKind.Scaling
            "x_FA − x* = −η((K−1)/2)A⁻¹·mean A_i²(b_i−x*) + O(η²) with an explicit second term: the bias grows like η(K−1)"
            instances
            (fun _ -> expansion id) with
            Formula = @"x_{FA}-x_*=-\eta\tfrac{K-1}2A^{-1}\tfrac1n\sum_iA_i^2(b_i-x_*)+O(\eta^2)"
            Assumptions = "quadratic f_i with μI ≼ A_i ≼ LI, ηL ≤ 1, K ≥ 2"
            Source = "derived from S_i = ηKA_i − η²(K(K−1)/2)A_i² + …; the remainder by Taylor's formula"
            // Equal Hessians have no bias, and in one dimension the A_i are equal.
            Valid = fun spec -> spec.LocalSteps > 1 && spec.Dimension > 1 && not spec.Equal
            Falsifiers = [
                Falsifier.check "K in place of K − 1" (fun _ -> expansion (fun k -> k + 1))
                Falsifier.check "no leading term" (fun _ -> expansion (fun _ -> 1))
            ]
    }

let paper: Paper = {
    Key = "CE-FEDAVG"
    Title = "Local gradient descent, FedAvg and client drift"
    Citation = "McMahan, Moore, Ramage, Hampson, Agüera y Arcas, AISTATS 2017, arXiv 1602.05629"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i, f_i L-smooth; K local gradient steps between averages"
    Methods = [ MethodEntry.create method ]
    Claims = [ fixedPointClaim; biasClaim ]
}
