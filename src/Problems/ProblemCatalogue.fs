namespace Theory.Problems

open System
open System.Globalization
open Theory

/// A parameter of a problem on the command line.
type ProblemParameter = {
    Name: string
    Default: string
    Meaning: string
}

/// A problem that can be built from a text such as `quadratic:n=10,d=20,kappa=100`.
[<NoEquality; NoComparison>]
type ProblemEntry = {
    Name: string
    Summary: string
    Parameters: ProblemParameter list
    /// Builds the problem from all parameters (defaults filled in). Raises ArgumentException on a value that no instance has.
    Build: (string -> string) -> IProblem
}

/// The problems that the command line and notebooks build by name.
[<RequireQualifiedAccess>]
module ProblemCatalogue =

    let private parameter name value meaning = {
        Name = name
        Default = value
        Meaning = meaning
    }

    let private number (name: string) (text: string) =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, v when Double.IsFinite v -> v
        | _ -> invalidArg name $"Parameter {name} must be a finite number, got '{text}'."

    let private integer (name: string) (text: string) =
        match Int32.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture) with
        | true, v -> v
        | _ -> invalidArg name $"Parameter {name} must be an integer, got '{text}'."

    let private positive name text =
        let v = integer name text

        if v >= 1 then
            v
        else
            invalidArg name $"Parameter {name} must be at least 1, got {v}."

    let private kappaOf text =
        let kappa = number "kappa" text

        if kappa >= 1.0 then
            kappa
        else
            invalidArg "kappa" $"A condition number κ must be at least 1, got {kappa}."

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

    /// Whether components are workers or single rows.
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

    let private bilinear = {
        Name = "bilinear"
        Summary = "min over x, max over y of xᵀBy with singular values geometric from low to high"
        Parameters = [
            parameter "d" "10" "dimension of x and of y"
            parameter "low" "0.1" "smallest singular value"
            parameter "high" "1" "largest singular value"
            parameter "seed" "1" "seed of B's frames"
        ]
        Build =
            fun get ->
                let low, high = number "low" (get "low"), number "high" (get "high")

                if not (low > 0.0 && high >= low) then
                    invalidArg "low" $"Singular values need 0 < low ≤ high, got {low} and {high}."

                Games.bilinear {
                    Dimension = positive "d" (get "d")
                    SigmaMin = low
                    SigmaMax = high
                    Spread = 1.0
                    Seed = integer "seed" (get "seed")
                }
    }

    let private game = {
        Name = "game"
        Summary = "(1/n) Σ strongly monotone quadratic games"
        Parameters = [
            parameter "n" "5" "workers"
            parameter "d" "10" "dimension of x and of y"
            parameter "mu" "0.1" "strong monotonicity"
            parameter "coupling" "1" "largest singular value of the mean coupling"
            parameter "deviation" "0.3" "how far the workers' couplings lie apart"
            parameter "seed" "1" "seed"
        ]
        Build =
            fun get ->
                let mu = number "mu" (get "mu")

                if not (mu > 0.0) then
                    invalidArg "mu" $"Strong monotonicity μ must be positive, got {mu}."

                Games.quadratic {
                    Workers = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Mu = mu
                    Curvature = 1.0
                    Coupling = number "coupling" (get "coupling")
                    Deviation = number "deviation" (get "deviation")
                    Offset = 1.0
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

    let private network = {
        Name = "network"
        Summary = "rotation blocks at the nodes of a network, every node's operator a sum of its own"
        Parameters = [
            parameter "nodes" "6" "nodes of the network"
            parameter "n" "4" "summands of each node"
            parameter "graph" "ring" "path, ring, star, complete, grid or random"
            parameter "blocks" "2" "rotation blocks; the dimension is twice that"
            parameter "mu" "0.1" "strong monotonicity of the weakest node"
            parameter "skew" "1" "common part of the rotations"
            parameter "spread" "0.3" "how far nodes and summands lie apart"
            parameter "seed" "1" "seed"
        ]
        Build =
            fun get ->
                let mu = number "mu" (get "mu")

                if not (mu > 0.0) then
                    invalidArg "mu" $"Strong monotonicity μ must be positive, got {mu}."

                Networks.rotationBlocks {
                    Nodes = positive "nodes" (get "nodes")
                    Summands = positive "n" (get "n")
                    Graph = get "graph"
                    Blocks = positive "blocks" (get "blocks")
                    Mu = mu
                    Skew = number "skew" (get "skew")
                    NodeSpread = number "spread" (get "spread")
                    SummandSpread = number "spread" (get "spread")
                    Offset = 1.0
                    Seed = integer "seed" (get "seed")
                }
    }

    let private vertical = {
        Name = "vertical"
        Summary = "saddle of a ridge regression whose features are split between parties"
        Parameters = [
            parameter "m" "8" "samples"
            parameter "parties" "3" "parties"
            parameter "d" "6" "features"
            parameter "lambda" "0.1" "ridge penalty"
            parameter "scale" "1" "scale of the data"
            parameter "seed" "1" "seed of data and labels"
        ]
        Build =
            fun get ->
                VerticalRegression {
                    Samples = positive "m" (get "m")
                    Parties = positive "parties" (get "parties")
                    Features = positive "d" (get "d")
                    Lambda = number "lambda" (get "lambda")
                    Scale = number "scale" (get "scale")
                    Seed = integer "seed" (get "seed")
                }
    }

    /// All problems that need no file.
    let entries: ProblemEntry list = [
        quadratic
        diagonal
        similar
        logistic
        leastSquares
        bilinear
        game
        linearSystem
        network
        vertical
    ]

    /// Builds the problem that a text such as `quadratic:n=10,kappa=100` describes. Raises ArgumentException naming the
    /// problem, the parameter and what would be right.
    let build (text: string) : IProblem =
        let name, rest =
            match text.IndexOf ':' with
            | -1 -> text, ""
            | at -> text.Substring(0, at), text.Substring(at + 1)

        match
            entries
            |> List.tryFind (fun e -> String.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase))
        with
        | None ->
            let known = entries |> List.map (fun e -> e.Name) |> String.concat ", "
            invalidArg "problem" $"There is no problem '{name}'; there are {known}."
        | Some entry ->
            let given =
                rest.Split(',', StringSplitOptions.RemoveEmptyEntries)
                |> Array.map (fun part ->
                    match part.Split '=' with
                    | [| key; value |] -> key.Trim(), value.Trim()
                    | _ -> invalidArg "problem" $"'{part}' is not of the form name=value.")
                |> Map.ofArray

            for KeyValue(key, _) in given do
                if entry.Parameters |> List.forall (fun p -> p.Name <> key) then
                    let known = entry.Parameters |> List.map (fun p -> p.Name) |> String.concat ", "
                    invalidArg "problem" $"Problem {entry.Name} has no parameter '{key}'; it has {known}."

            let value key =
                match given.TryFind key with
                | Some v -> v
                | None -> (entry.Parameters |> List.find (fun p -> p.Name = key)).Default

            entry.Build value
