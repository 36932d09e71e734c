/// Muon: momentum, orthogonalised, for matrix variables.
///
/// Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; Riabinin, Shulgin, Gruntkowska, Richtárik,
/// "Gluon", 2025, arXiv 2505.13416.
/// Problem: min f(X) over R^{m×n}; the variable is a vector of mn numbers seen as an m × n matrix, row by row.
module Theory.Algorithms.LmoSignAdaptive.Muon

open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms

type Parameters = {
    Stepsize: float
    Alpha: float
    Sigma: float
    /// m; it divides the dimension.
    Rows: int
    /// Newton–Schulz iterations; 0 computes the polar factor exactly.
    Iterations: int
}

/// The most nearly square factorisation of the dimension.
let rowsFor (dimension: int) =
    seq { int (sqrt (float dimension)) .. -1 .. 1 }
    |> Seq.find (fun m -> dimension % m = 0)

let private asMatrix (p: Parameters) (x: Block) = x.Reshape(p.Rows, x.Dimension / p.Rows)
let private asVector (x: Block) = x.Reshape(1, x.Dimension)

/// −UVᵀ of the matrix that a vector stands for, exactly or by Newton–Schulz.
let direction (p: Parameters) (m: Block) : Block =
    let matrix = asMatrix p m

    if p.Iterations = 0 then
        asVector (Norm.spectral.Minimise matrix)
    else
        asVector (-1.0 * NewtonSchulz.run NewtonSchulz.muon p.Iterations matrix)

/// ‖∇‖ in the nuclear norm.
let dualNorm (p: Parameters) (g: Block) = Norm.spectral.Dual(asMatrix p g)

let private shared (p: Parameters) : SignSGD.Parameters = {
    Stepsize = p.Stepsize
    Alpha = p.Alpha
    Sigma = p.Sigma
}

let step (f: IObjective) (p: Parameters) (noise: Block) (s: SignSGD.State) : SignSGD.State =
    SignSGD.step f (direction p) (shared p) noise s

/// L in the spectral norm is at most min(m, n) times the Euclidean one.
let private smoothness (f: IObjective) rows =
    float (min rows (f.Dimension / rows)) * f.Smoothness

let method: Method<IObjective, Parameters, SignSGD.State, Block> = {
    Name = "Muon"
    Summary = "M ← (1−α)M + αG; X ← X − t·UVᵀ of M, by Newton–Schulz or exactly"
    Rule =
        fun f ->
            let rows = rowsFor f.Dimension

            {
                Stepsize = SignSGD.stepsizeFor f (smoothness f rows)
                Alpha = 1.0
                Sigma = 0.0
                Rows = rows
                Iterations = 5
            }
    Conditions =
        fun f p -> [
            Condition.positive "t" p.Stepsize
            Condition.probability "α" p.Alpha
            {
                Text = $"rows divide the dimension {f.Dimension}, got {p.Rows}"
                Holds = p.Rows >= 1 && f.Dimension % p.Rows = 0
            }
        ]
    Draw = fun f p -> (HeavyTails.gaussian f.Dimension p.Sigma).Draw
    Init = fun _ _ x0 -> SignSGD.init x0
    Step = step
    Output = fun s -> s.X
    Cost = fun _ _ _ -> [ Charge.each Counter.Gradients 1.0; Charge.each Counter.LmoCalls 1.0 ]
    FixedPoint = fun _ _ -> None
    Bounds =
        fun f p ->
            if p.Iterations > 0 then
                []
            else
                let rho = sqrt (float (min p.Rows (f.Dimension / p.Rows)))

                [
                    SignSGD.masterBound f Norm.spectral (dualNorm p) (smoothness f p.Rows) rho (shared p)
                ]
}
