namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named functions to minimise.
module internal NamedFunctions =

    let private quadratic = {
        Name = "quadratic"
        Summary = "(1/n) Σ ½(x−b_i)ᵀA_i(x−b_i), every A_i with spectrum 1 … κ in a random frame"
        Parameters = [
            parameter "n" "10" "workers"
            parameter "d" "20" "dimension"
            parameter "kappa" "100" "condition number of every A_i"
            parameter "spread" "1" "scale of the centres b_i"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                Quadratic.distributed {
                    Workers = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private heterogeneous = {
        Name = "heterogeneous"
        Summary = "quadratics whose gradients lie √mean‖∇f_i(x*)‖² = ζ apart at the minimiser"
        Parameters = [
            parameter "n" "10" "workers"
            parameter "d" "20" "dimension"
            parameter "kappa" "100" "condition number of every A_i"
            parameter "zeta" "1" "heterogeneity ζ at the minimiser"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                Quadratic.distributed {
                    Workers = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Spread = 1.0
                    Seed = integer "seed" (get "seed")
                }
                |> Quadratic.withHeterogeneity (number "zeta" (get "zeta"))
                :> IProblem
    }

    let private diagonal = {
        Name = "diagonal"
        Summary = "½ Σ λ_j x_j² with λ geometric from 1 to κ"
        Parameters = [ parameter "d" "20" "dimension"; parameter "kappa" "100" "condition number" ]
        Build = fun get -> Quadratic.diagonal (Linear.geometric 1.0 (kappaOf (get "kappa")) (positive "d" (get "d")))
    }

    let private similar = {
        Name = "similar"
        Summary = "quadratics with max ‖A_i − mean‖ = δ, the mean's spectrum 1 … κ"
        Parameters = [
            parameter "n" "10" "workers"
            parameter "d" "20" "dimension"
            parameter "kappa" "100" "condition number of the mean"
            parameter "delta" "0.5" "similarity δ"
            parameter "spread" "1" "scale of the centres b_i"
            parameter "seed" "1" "seed of frames, deviations and centres"
        ]
        Build =
            fun get ->
                Similar.distributed {
                    Workers = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Delta = number "delta" (get "delta")
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private bySamples (text: string) =
        match text.ToLowerInvariant() with
        | "workers" -> false
        | "samples" -> true
        | other -> invalidArg "by" $"Parameter by must be workers or samples, got '{other}'."

    let private viewParameter =
        parameter "by" "workers" "components of the sum: workers or samples"

    let private logistic = {
        Name = "logistic"
        Summary = "ℓ2-regularised logistic regression on Gaussian rows with planted models; on a file with --data"
        Parameters = [
            parameter "n" "10" "workers"
            parameter "rows" "200" "rows of each worker"
            parameter "d" "20" "dimension"
            parameter "kappa" "1000" "L/μ; sets λ"
            parameter "spread" "1" "distance of the workers' planted models"
            parameter "seed" "1" "seed of rows and labels"
            viewParameter
        ]
        Build =
            fun get ->
                let build =
                    if bySamples (get "by") then
                        Logistic.finiteSum
                    else
                        Logistic.distributed

                build {
                    Workers = positive "n" (get "n")
                    RowsPerWorker = positive "rows" (get "rows")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private leastSquares = {
        Name = "leastsquares"
        Summary = "½ mean (aᵀx − b)² on Gaussian rows with planted models"
        Parameters = [
            parameter "n" "10" "workers"
            parameter "rows" "200" "rows of each worker"
            parameter "d" "20" "dimension"
            parameter "kappa" "100" "ratio of the largest and smallest variance of a row's coordinates"
            parameter "spread" "1" "distance of the workers' planted models"
            parameter "noise" "0.1" "standard deviation of the targets' noise"
            parameter "seed" "1" "seed of rows and targets"
            viewParameter
        ]
        Build =
            fun get ->
                let build =
                    if bySamples (get "by") then
                        LeastSquares.finiteSum
                    else
                        LeastSquares.distributed

                build {
                    Workers = positive "n" (get "n")
                    RowsPerWorker = positive "rows" (get "rows")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Spread = number "spread" (get "spread")
                    Noise = number "noise" (get "noise")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private linearSystem = {
        Name = "linear"
        Summary = "least squares ½‖Ax − b‖² of a linear system with prescribed singular values"
        Parameters = [
            parameter "m" "30" "rows"
            parameter "d" "10" "dimension"
            parameter "kappa" "10" "ratio of the largest to the smallest nonzero singular value"
            parameter "residual" "0" "norm of the residual at the solution; 0 for a consistent system"
            parameter "seed" "1" "seed"
        ]
        Build =
            fun get ->
                let rows, d = positive "m" (get "m"), positive "d" (get "d")

                LinearSystem.random {
                    Rows = rows
                    Dimension = d
                    Kappa = kappaOf (get "kappa")
                    Rank = min rows d
                    Residual = number "residual" (get "residual")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private penalised = {
        Name = "penalised"
        Summary = "quadratics plus (w/2)‖x‖² (ridge) or w‖x‖₁ (lasso, with diagonal A_i), by its prox"
        Parameters = [
            parameter "n" "10" "workers"
            parameter "d" "20" "dimension"
            parameter "kappa" "100" "condition number of every A_i"
            parameter "weight" "1" "weight w of the penalty"
            parameter "penalty" "lasso" "ridge or lasso"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                Composite.penalised {
                    Workers = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Weight = number "weight" (get "weight")
                    Lasso =
                        match get "penalty" with
                        | "lasso" -> true
                        | "ridge" -> false
                        | other -> invalidArg "penalty" $"The penalty is ridge or lasso, not '{other}'."
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [
        quadratic
        heterogeneous
        diagonal
        similar
        logistic
        leastSquares
        linearSystem
        penalised
    ]
