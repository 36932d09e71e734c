namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named problems with a server, clients, groups or a split.
module internal NamedDistributed =

    let private splitParameters = [
        parameter "d" "10" "dimension"
        parameter "mu" "0.01" "strong convexity (monotonicity) of the sum"
        parameter "lp" "1" "size of the Hessian (matrix) of p"
        parameter "lq" "30" "size of the Hessian (matrix) of q"
        parameter "seed" "1" "seed"
    ]

    let private splitSpec (get: string -> string) : SplitSpec = {
        Dimension = positive "d" (get "d")
        Mu = number "mu" (get "mu")
        SmoothnessP = number "lp" (get "lp")
        SmoothnessQ = number "lq" (get "lq")
        Commuting = false
        Spread = 1.0
        Seed = integer "seed" (get "seed")
    }

    let private split = {
        Name = "split"
        Summary = "r = p + q, quadratic: p indefinite and small, q convex and stiff"
        Parameters = splitParameters
        Build = fun get -> Splits.quadratic (splitSpec get)
    }

    let private splitGame = {
        Name = "splitgame"
        Summary = "R = P + Q, affine: P small, Q monotone and stiff"
        Parameters = splitParameters
        Build = fun get -> Splits.affine (splitSpec get)
    }

    let private server = {
        Name = "server"
        Summary = "clients and a server that holds a stiff q, ‖∇²r − ∇²q‖ = δ, r the mean of the clients"
        Parameters = [
            parameter "n" "5" "clients"
            parameter "d" "10" "dimension"
            parameter "mu" "0.01" "strong convexity of the mean"
            parameter "delta" "1" "similarity δ of the mean and the server"
            parameter "stiffness" "30" "size of the server's Hessian"
            parameter "deviation" "0" "how far the clients' Hessians lie from their mean"
            parameter "spread" "1" "distance of the clients' gradients"
            parameter "seed" "1" "seed"
        ]
        Build =
            fun get ->
                ClientSplit.proxy {
                    Clients = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Mu = number "mu" (get "mu")
                    Delta = number "delta" (get "delta")
                    Stiffness = number "stiffness" (get "stiffness")
                    Deviation = number "deviation" (get "deviation")
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private aroundServer = {
        Name = "similarserver"
        Summary = "similar quadratics whose first function is the server's, the mean's spectrum μ … L"
        Parameters = [
            parameter "n" "10" "devices, the server among them"
            parameter "d" "20" "dimension"
            parameter "mu" "0.1" "least eigenvalue of the mean"
            parameter "l" "10" "largest eigenvalue of the mean"
            parameter "delta" "0.5" "similarity δ"
            parameter "spread" "1" "scale of the centres"
            parameter "seed" "1" "seed of frames, deviations and centres"
        ]
        Build =
            fun get ->
                ServerSums.quadratic {
                    Workers = positive "n" (get "n")
                    Dimension = positive "d" (get "d")
                    Mu = number "mu" (get "mu")
                    Smoothness = number "l" (get "l")
                    Delta = number "delta" (get "delta")
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private twoGroups = {
        Name = "twogroups"
        Summary = "f + g over two groups of clients, convex quadratics of similarities δ_f and δ_g"
        Parameters = [
            parameter "d" "20" "dimension"
            parameter "mu" "0.1" "least eigenvalue of the sum"
            parameter "l" "20" "about the largest eigenvalue of the sum"
            parameter "delta_f" "0.5" "similarity of the first group"
            parameter "delta_g" "8" "similarity of the second group"
            parameter "spread" "1" "scale of the linear terms"
            parameter "seed" "1" "seed of frames, deviations and linear terms"
        ]
        Build =
            fun get ->
                GroupedSums.quadratic {
                    Dimension = positive "d" (get "d")
                    Mu = number "mu" (get "mu")
                    Smoothness = number "l" (get "l")
                    DeltaF = number "delta_f" (get "delta_f")
                    DeltaG = number "delta_g" (get "delta_g")
                    Convex = true
                    Spread = number "spread" (get "spread")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private similarGame = {
        Name = "similargame"
        Summary = "rotation blocks whose devices lie δ from their mean, the first device being the server"
        Parameters = [
            parameter "n" "4" "devices"
            parameter "blocks" "2" "rotation blocks; the dimension is twice that"
            parameter "mu" "0.1" "strong monotonicity"
            parameter "skew" "1" "common part of the rotations"
            parameter "delta" "0.3" "similarity δ"
            parameter "seed" "1" "seed"
        ]
        Build =
            fun get ->
                SimilarOperators.rotations {
                    Workers = positive "n" (get "n")
                    Blocks = positive "blocks" (get "blocks")
                    Mu = above "Strong monotonicity μ" "mu" (get "mu")
                    MuSpread = 0.5
                    Skew = number "skew" (get "skew")
                    Delta = number "delta" (get "delta")
                    ToServer = true
                    Offset = 1.0
                    Seed = integer "seed" (get "seed")
                }
    }

    let private clientSamples = {
        Name = "clientsamples"
        Summary = "quadratics: clients, each the mean of its own samples"
        Parameters = [
            parameter "n" "5" "clients"
            parameter "m" "10" "samples of each client"
            parameter "d" "10" "dimension"
            parameter "kappa" "10" "condition number of every sample"
            parameter "hessians" "rotated" "rotated, scaled or shared (sampling is then additive noise)"
            parameter "seed" "1" "seed of Hessians and centres"
        ]
        Build =
            fun get ->
                ClientSamples.quadratic {
                    Clients = positive "n" (get "n")
                    Samples = positive "m" (get "m")
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Hessians = get "hessians"
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
                let mu = above "Strong monotonicity μ" "mu" (get "mu")

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

    let private personal = {
        Name = "personal"
        Summary = "quadratic clients with models of their own and a penalty on the distances from the mean model"
        Parameters = [
            parameter "n" "10" "clients"
            parameter "d" "20" "dimension"
            parameter "kappa" "10" "condition number of every client"
            parameter "lambda" "1" "penalty λ"
            parameter "spread" "1" "scale of the centres"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                PersonalisedQuadratic(
                    Quadratic.distributed {
                        Workers = positive "n" (get "n")
                        Dimension = positive "d" (get "d")
                        Kappa = kappaOf (get "kappa")
                        Spread = number "spread" (get "spread")
                        Seed = integer "seed" (get "seed")
                    },
                    number "lambda" (get "lambda")
                )
    }

    let private unequalClients = {
        Name = "unequalclients"
        Summary = "clients that hold different numbers of quadratic samples, weighted by them"
        Parameters = [
            parameter "sizes" "2+5+10+3" "samples of each client, with + between them"
            parameter "d" "10" "dimension"
            parameter "kappa" "10" "condition number of every sample"
            parameter "spread" "1" "distance of the clients' centres"
            parameter "scatter" "0.5" "distance of a client's centres from its own"
            parameter "seed" "1" "seed of frames and centres"
        ]
        Build =
            fun get ->
                WeightedClientSpec.convex {
                    Sizes = get "sizes"
                    Dimension = positive "d" (get "d")
                    Kappa = kappaOf (get "kappa")
                    Spread = number "spread" (get "spread")
                    Scatter = number "scatter" (get "scatter")
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [
        split
        splitGame
        server
        aroundServer
        twoGroups
        similarGame
        network
        vertical
        clientSamples
        personal
        unequalClients
    ]
