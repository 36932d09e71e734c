namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named problems whose clients hold sums of their own or solve proximal problems.
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

    let private proximal = {
        Name = "proxclients"
        Summary = "quadratics of clients that solve their own proximal problems, spectra 1 … L_i in random frames"
        Parameters = [
            parameter "n" "10" "clients"
            parameter "d" "20" "dimension, at least 2"
            parameter "kappa" "100" "L of the first client"
            parameter "last" "100" "L of the last client; the others' lie between"
            parameter "spread" "1" "scale of the centres"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                Clients.quadratic {
                    Clients = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    KappaLast = kappaOf (get "last")
                    Aligned = false
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private logistic = {
        Name = "logisticclients"
        Summary = "regularised logistic regression over clients that solve their own proximal problems"
        Parameters = [
            parameter "n" "5" "clients"
            parameter "rows" "20" "rows of each client"
            parameter "d" "10" "dimension"
            parameter "kappa" "100" "L/μ; sets λ"
            parameter "spread" "1" "distance of the clients' planted models"
            parameter "seed" "1" "seed of rows and labels"
        ]
        Build =
            fun get ->
                Clients.logistic {
                    Workers = positive "n" (get "n")
                    RowsPerWorker = positive "rows" (get "rows")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [ clients; proximal; logistic ]
