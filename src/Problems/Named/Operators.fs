namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named operators to find a zero of.
module internal NamedOperators =

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

    let private cocoercive = {
        Name = "cocoercive"
        Summary = "(1/n) Σ strongly monotone operators of rotation blocks, each with its own cocoercivity constant"
        Parameters = [
            parameter "n" "5" "summands"
            parameter "blocks" "5" "rotation blocks; the dimension is twice that"
            parameter "mu" "0.1" "strong monotonicity of the mean"
            parameter "skew" "1" "common skew part of the first block, halved from block to block"
            parameter "deviation" "0.3" "how far the summands' skew parts lie apart"
            parameter "seed" "1" "seed"
        ]
        Build =
            fun get ->
                let mu = number "mu" (get "mu")

                if not (mu > 0.0) then
                    invalidArg "mu" $"Strong monotonicity μ must be positive, got {mu}."

                CocoerciveGame(
                    Games.rotationBlocks {
                        Workers = positive "n" (get "n")
                        Blocks = positive "blocks" (get "blocks")
                        Mu = mu
                        MuSpread = 0.5
                        Skew = number "skew" (get "skew")
                        SkewSpread = number "deviation" (get "deviation")
                        Offset = 1.0
                        Seed = integer "seed" (get "seed")
                    }
                )
    }

    let entries: ProblemEntry list = [ bilinear; game; cocoercive ]
