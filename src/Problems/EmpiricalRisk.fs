namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// What an empirical risk is made of.
[<NoEquality; NoComparison>]
type RiskParts = {
    Name: string
    Loss: Loss
    /// a_j, with the sign of the label folded in where the loss has no targets.
    Rows: Design
    /// b_j; empty when the loss has none.
    Targets: float[]
    /// Part i holds rows [Starts_i, Starts_{i+1}); none is empty.
    Starts: int[]
    /// λ.
    Lambda: float
    /// Finds the minimiser.
    Minimise: RiskFunction -> NewtonResult
    /// μ.
    StrongConvexity: RiskFunction -> float
    /// μ with its second computation, from f, μ and L.
    CertifyStrongConvexity: RiskFunction -> float -> float -> Constant
}

/// f = (1/n) Σ f_i with f_i(x) = mean over the rows j of part i of φ_{b_j}(a_jᵀx), plus (λ/2)‖x‖². The parts are
/// workers, or single samples. Data-parallel gradients of all lanes are one matrix product a worker.
[<Sealed>]
type EmpiricalRisk(parts: RiskParts) =
    let rows = parts.Rows
    let d = rows.Columns
    let total = rows.Rows
    let n = parts.Starts.Length - 1
    let sizes = Array.init n (fun i -> parts.Starts[i + 1] - parts.Starts[i])
    let widest = Array.max sizes
    let samplewise = widest = 1
    let equal = Array.forall ((=) widest) sizes
    let lambda = parts.Lambda
    let loss = parts.Loss

    /// Most numbers in the block of all components' gradients (1 GiB).
    let gradientLimit = 1L <<< 27

    let weights =
        Array.init n (fun i -> Array.create sizes[i] (1.0 / (float n * float sizes[i])))
        |> Array.concat

    /// What the host works on: Newton's method and the constants need no batches, so zeros are skipped where they are
    /// many.
    let hostRows =
        match rows with
        | Design.Dense m when Design.zeroShare m > 0.5 -> Design.Sparse(Design.toSparse rows)
        | _ -> rows

    let risk = {
        Rows = hostRows
        Targets = parts.Targets
        Weights = weights
        Loss = loss
        Lambda = lambda
    }

    let solution = lazy (parts.Minimise risk)
    let infimum = lazy (Newton.valueAt risk solution.Value.Point solution.Value.Margins)
    let minimiser = lazy (Block.vector solution.Value.Point)

    /// The workers' rows, filled up with zero rows to the same number; for samples all rows as one part.
    let slices =
        lazy
            (if samplewise || n = 1 then
                 [| rows |]
             else
                 Array.init n (fun i -> Design.slice parts.Starts[i] parts.Starts[i + 1] widest rows))

    let dense = lazy (slices.Value |> Array.map Design.toDense)
    let sparse = lazy (slices.Value |> Array.map Design.toSparse)

    let apply transposed (x: Block) =
        match rows with
        | Design.Dense _ -> x.Apply(dense.Value, transposed)
        | Design.Sparse _ -> x.Apply(sparse.Value, transposed)

    /// One number a row, laid out as the margins of `apply` are; zero at the filling rows.
    let perRow (values: float[]) =
        let count = slices.Value.Length
        let width = slices.Value[0].Rows
        let block = Array.zeroCreate (count * width)

        if count = 1 then
            values.CopyTo(block, 0)
        else
            for i in 0 .. n - 1 do
                Array.blit values parts.Starts[i] block (i * width) sizes[i]

        Block.Own(Shape.Vector(count, 1, width), block)

    let targets =
        lazy
            (if loss.UsesTargets then
                 perRow parts.Targets
             else
                 Block.scalar 0.0)

    let weightBlock = lazy (perRow weights)
    let margins = lazy (perRow solution.Value.Margins)

    let inverseSizes =
        lazy (Block.ofWorkers (sizes |> Array.map (fun size -> [| 1.0 / float size |])))

    let rowDots (indices: Indices) (x: Block) =
        match rows with
        | Design.Dense m -> x.RowDots(m, indices)
        | Design.Sparse m -> x.RowDots(m, indices)

    let rowCombination (indices: Indices) (c: Block) =
        match rows with
        | Design.Dense m -> c.RowCombination(m, indices)
        | Design.Sparse m -> c.RowCombination(m, indices)

    /// φ' at the lane's own rows.
    let slopesAt (indices: Indices) (x: Block) =
        let own =
            if loss.UsesTargets then
                let values =
                    Array.init indices.Values.Length (fun at -> parts.Targets[indices.Values[at]])

                Block.Own(Shape.Vector(indices.Workers, indices.Lanes, indices.Count), values)
            else
                Block.scalar 0.0

        loss.Slopes own (rowDots indices x)

    /// All rows of the lane's own workers, each worker filled up to the widest by repeating its last row, and the weight
    /// 1/size of each row (0 for the repetitions).
    let expand (indices: Indices) =
        let list = Array.zeroCreate (indices.Values.Length * widest)
        let factors = Array.zeroCreate list.Length

        for at in 0 .. indices.Values.Length - 1 do
            let i = indices.Values[at]

            for k in 0 .. widest - 1 do
                list[at * widest + k] <- parts.Starts[i] + min k (sizes[i] - 1)
                factors[at * widest + k] <- if k < sizes[i] then 1.0 / float sizes[i] else 0.0

        let count = indices.Count * widest

        Indices(indices.Workers, indices.Lanes, count, total, list),
        Block.Own(Shape.Vector(indices.Workers, indices.Lanes, count), factors)

    let samplesGradients (x: Block) =
        let asked = int64 total * int64 x.Lanes * int64 d

        if asked > gradientLimit then
            invalidArg
                (nameof x)
                $"The gradients of all {total} samples on {x.Lanes} lanes of dimension {d} are {asked} numbers, more than {gradientLimit}. Use fewer lanes, GradientAt on minibatches, or the view over workers."

        let every = Indices(total, 1, 1, total, Array.init total id)
        rowCombination every (slopesAt every x) + lambda * x

    let workersGradients (x: Block) =
        let sums = apply true (loss.Slopes targets.Value (apply false x))

        if equal then
            (1.0 / float widest) * sums + lambda * x
        else
            sums * inverseSizes.Value + lambda * x

    let gap (x: Block) =
        let e = x - minimiser.Value
        let divergences = loss.Divergences margins.Value (apply false e)

        Block.sum (divergences.Dot weightBlock.Value)
        + (0.5 * lambda) * Block.normSquared e

    let componentGram i =
        let own = Array.create total (loss.Curvature / float sizes[i])
        Design.gram parts.Starts[i] parts.Starts[i + 1] own hostRows

    let meanGram () =
        Design.gram 0 total (weights |> Array.map ((*) loss.Curvature)) hostRows

    let smoothness = lazy (Spectrum.largest (meanGram ()) + lambda)

    let smoothnesses =
        lazy
            (if samplewise then
                 Design.rowNormsSquared hostRows
                 |> Array.map (fun s -> loss.Curvature * s + lambda)
             else
                 Array.init n (fun i -> Spectrum.largest (componentGram i) + lambda))

    /// All L_i on another way: a sample's from its row as the engine sees it, a worker's by bisection.
    let smoothnessesAgain =
        lazy
            (if samplewise then
                 let every = Indices(total, 1, 1, total, Array.init total id)
                 let norms = (rowCombination every (Block.scalar 1.0)).NormSquared().ToArray()
                 norms |> Array.map (fun s -> loss.Curvature * s + lambda)
             else
                 Array.init n (fun i -> Spectrum.largestAgain (componentGram i) + lambda))

    /// ∇²f_i at the margins of all rows.
    let componentHessian (margins: float[]) i =
        let own =
            margins
            |> Array.mapi (fun j u ->
                if j < parts.Starts[i] || j >= parts.Starts[i + 1] then
                    0.0
                else
                    loss.Bend (if loss.UsesTargets then parts.Targets[j] else 0.0) u
                    / float sizes[i])

        let gram = Design.gram parts.Starts[i] parts.Starts[i + 1] own hostRows
        Array.init (d * d) (fun at -> gram[at / d, at % d] + (if at / d = at % d then lambda else 0.0))

    let hessians (x: Block) =
        let margins = Block.rows x |> Array.map (Design.multiply hostRows)

        let values =
            Array.init n (fun i -> margins |> Array.collect (fun u -> componentHessian u i))
            |> Array.concat

        (Block.Own(Shape.Vector(n, x.Lanes, d * d), values)).On x.Engine

    /// sup |φ'''|·max_i mean ‖a_j‖³: every row's Hessian is a multiple of a_ja_jᵀ, whose norms are all ‖a_j‖².
    let hessianLipschitz =
        lazy
            (let cubes = Design.rowNormsSquared hostRows |> Array.map (fun s -> s * sqrt s)

             loss.BendSlope
             * (Seq.init n (fun i -> Array.average cubes[parts.Starts[i] .. parts.Starts[i + 1] - 1])
                |> Seq.max))

    let strongConvexity = lazy (parts.StrongConvexity risk)

    let gradient (x: Block) =
        if samplewise then
            (1.0 / float total) * apply true (loss.Slopes targets.Value (apply false x))
            + lambda * x
        else
            Block.mean (workersGradients x)

    let constants () =
        let atZero = Newton.valueAt risk (Array.zeroCreate d) (Array.zeroCreate total)

        [
            Constant.exact "L" "largest eigenvalue of ∇²f(0), where every loss bends most" smoothness.Value (fun () ->
                Spectrum.largestAgain (Newton.hessianAt risk (Array.zeroCreate total)))
            parts.CertifyStrongConvexity risk strongConvexity.Value smoothness.Value
            Constant.exact "Lmax" "largest L_i" (Array.max smoothnesses.Value) (fun () ->
                Array.max smoothnessesAgain.Value)
            Constant.exact "Lmean" "mean of the L_i" (Array.average smoothnesses.Value) (fun () ->
                Array.average smoothnessesAgain.Value)
            // Relative to f(0): an infimum of 0 has no relative accuracy of its own.
            Constant.exact "inf f + f(0)" "f at the minimiser, and at 0" (infimum.Value + atZero) (fun () ->
                Newton.dualValue risk solution.Value.Margins + atZero)
        ]

    /// The rows a_j (for classification multiplied by −y_j).
    member _.Rows = rows
    /// Part i holds rows [Starts_i, Starts_{i+1}).
    member _.Starts = parts.Starts
    /// λ.
    member _.Lambda = lambda
    /// How Newton's method ended: the minimiser with the gradient norm reached there.
    member _.Minimisation = solution.Value
    /// max L_i.
    member _.MaxSmoothness = Array.max smoothnesses.Value
    /// (1/n) Σ L_i.
    member _.MeanSmoothness = Array.average smoothnesses.Value

    /// √((1/n) Σ L_i²).
    member _.RootMeanSquareSmoothness =
        smoothnesses.Value |> Array.averageBy (fun l -> l * l) |> sqrt

    interface IGap with
        member _.Gap x = gap x

    interface IHessian with
        member _.Hessian x =
            let hessians =
                Block.rows x
                |> Array.collect (fun row -> (Newton.hessianAt risk (Design.multiply hostRows row)).Values.ToArray())

            Block.Own(Shape.Matrix(1, x.Lanes, d, d), hessians)

    interface IHessianSum with
        member _.Hessians x = hessians x
        member _.HessianLipschitz = hessianLipschitz.Value
        member _.HessianLipschitzFrobenius = hessianLipschitz.Value

    interface IFiniteSum with
        member _.Count = n
        member _.Smoothnesses = smoothnesses.Value

        member _.Gradients x =
            if samplewise then
                samplesGradients x
            else
                workersGradients x

        member _.GradientAt indices x =
            if samplewise then
                let sums = rowCombination indices (slopesAt indices x)
                (1.0 / float indices.Count) * sums + lambda * x
            else
                let own, factors = expand indices

                (1.0 / float indices.Count) * rowCombination own (slopesAt own x * factors)
                + lambda * x

    interface IObjective with
        // Not the sum of the losses: this way Value − Infimum is never negative.
        member _.Value x = gap x + Block.scalar infimum.Value
        member _.Gradient x = gradient x
        member _.Minimiser = minimiser.Value
        member _.Infimum = infimum.Value
        member _.Smoothness = smoothness.Value
        member _.StrongConvexity = strongConvexity.Value

    interface IProblem with
        member _.Name = parts.Name
        member _.Dimension = d
        member _.Constants = constants ()
