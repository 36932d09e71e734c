namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named problems with noise along a Markov chain.
module internal NamedMarkov =

    let private chainParameters = [
        parameter "states" "2" "states of the chain; 2 flip symmetrically"
        parameter "move" "0.05" "probability of leaving a state; small is slow mixing"
        parameter "sigma" "1" "largest norm of the noise"
        parameter "seed" "1" "seed"
    ]

    let private chainNoise (get: string -> string) (dimension: int) : MarkovNoise =
        let states, move, sigma =
            integer "states" (get "states"), number "move" (get "move"), number "sigma" (get "sigma")

        if states < 2 then
            invalidArg "states" $"A chain needs at least 2 states, got {states}."

        if not (move > 0.0 && move < 1.0) then
            invalidArg "move" $"The probability of leaving a state lies in (0, 1), got {move}."

        if not (sigma >= 0.0) then
            invalidArg "sigma" $"The size of the noise must be at least 0, got {sigma}."

        let chain =
            MarkovChains.ofSpec {
                Kernel = (if states = 2 then "flip" else "lazy")
                States = states
                Move = move
                Seed = integer "seed" (get "seed")
            }

        MarkovNoise.random chain dimension sigma (integer "seed" (get "seed"))

    let private markovGame = {
        Name = "markovgame"
        Summary = "a strongly monotone quadratic game with additive noise along a Markov chain"
        Parameters =
            [
                parameter "d" "5" "dimension of x and of y"
                parameter "mu" "0.1" "strong monotonicity"
                parameter "coupling" "1" "largest singular value of the coupling"
            ]
            @ chainParameters
        Build =
            fun get ->
                let d, mu = positive "d" (get "d"), number "mu" (get "mu")

                if not (mu > 0.0) then
                    invalidArg "mu" $"Strong monotonicity μ must be positive, got {mu}."

                let game =
                    Games.quadratic {
                        Workers = 1
                        Dimension = d
                        Mu = mu
                        Curvature = max 1.0 mu
                        Coupling = number "coupling" (get "coupling")
                        Deviation = 0.0
                        Offset = 1.0
                        Seed = integer "seed" (get "seed")
                    }

                MarkovOperator(game, chainNoise get (2 * d))
    }

    let private markovQuadratic = {
        Name = "markovquadratic"
        Summary = "½ Σ λ_j x_j² with λ geometric from 1 to κ, and additive noise along a Markov chain"
        Parameters =
            [ parameter "d" "10" "dimension"; parameter "kappa" "100" "condition number" ]
            @ chainParameters
        Build =
            fun get ->
                let d = positive "d" (get "d")

                let f = Quadratic.diagonal (Linear.geometric 1.0 (kappaOf (get "kappa")) d)

                MarkovObjective(f, chainNoise get d)
    }

    let entries: ProblemEntry list = [ markovGame; markovQuadratic ]
