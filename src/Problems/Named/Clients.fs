namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named problems whose clients hold sums of their own.
module internal NamedClients =

    let private clients = {
        Name = "clients"
        Summary = "clients with several quadratics each, spectra 1 … κ in random frames"
        Parameters = [
            parameter "m" "4" "clients"
            parameter "n" "5" "quadratics of each client"
            parameter "d" "10" "dimension"
            parameter "kappa" "10" "condition number of every quadratic"
            parameter "spread" "1" "scale of the clients' centres"
            parameter "scatter" "1" "scale of a client's centres around its own"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                ClientSums.quadratic {
                    Clients = positive "m" (get "m")
                    Summands = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Flat = false
                    Spread = number "spread" (get "spread")
                    Scatter = number "scatter" (get "scatter")
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [ clients ]
