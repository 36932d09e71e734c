namespace Theory.Problems

open Theory.Problems.ProblemParameters

/// Named functions at the nodes of networks.
module internal NamedNetworked =

    let private quadratics = {
        Name = "networkquadratic"
        Summary = "quadratics at the nodes of a network that changes, with the gradients of their conjugates"
        Parameters = [
            parameter "nodes" "6" "nodes of the network"
            parameter "d" "5" "dimension"
            parameter "graph" "ring" "path, ring, star, complete, grid or random"
            parameter "orders" "3" "orders of the nodes among which the network changes"
            parameter "kappa" "20" "condition number of every node's function"
            parameter "spread" "1" "scale of the centres b_m"
            parameter "seed" "1" "seed of frames, centres and orders"
        ]
        Build =
            fun get ->
                NetworkedFunctions.quadratics {
                    Nodes = positive "nodes" (get "nodes")
                    Dimension = positive "d" (get "d")
                    Graph = get "graph"
                    Orders = positive "orders" (get "orders")
                    Kappa = kappaOf (get "kappa")
                    Scale = 1.0
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [ quadratics ]
