namespace Theory.Problems

open Theory
open Theory.Problems.ProblemParameters

/// Named saddles with weights of losses.
module internal NamedSaddles =

    let private lambdaOf text =
        let lambda = number "lambda" text

        if lambda > 0.0 then
            lambda
        else
            invalidArg "lambda" $"The weight λ of the regulariser must be positive, got {lambda}."

    let private sines = {
        Name = "sines"
        Summary = "min over θ, max over weights of Σ π_m (sin⟨a_m, θ⟩ + c_m) − λ KL(π‖π̂), π̂ uniform"
        Parameters = [
            parameter "groups" "3" "losses M"
            parameter "d" "2" "dimension of θ"
            parameter "slope" "1" "scale of the a_m"
            parameter "level" "0.3" "scale of the c_m"
            parameter "lambda" "0.3" "weight λ of the regulariser"
            parameter "seed" "1" "seed of the a_m and c_m"
        ]
        Build =
            fun get ->
                Groups.sines {
                    Groups = positive "groups" (get "groups")
                    Dimension = positive "d" (get "d")
                    Slope = number "slope" (get "slope")
                    Opposite = false
                    Level = number "level" (get "level")
                    First = 0.0
                    Lambda = lambdaOf (get "lambda")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private groups = {
        Name = "groups"
        Summary = "min over θ, max over weights of Σ π_m ½‖B_m θ − b_m‖² − λ KL(π‖π̂), π̂ uniform"
        Parameters = [
            parameter "groups" "4" "losses M"
            parameter "d" "3" "dimension of θ"
            parameter "rows" "4" "rows of every B_m"
            parameter "lambda" "0.3" "weight λ of the regulariser"
            parameter "radius" "3" "radius of the ball on which gradients are bounded"
            parameter "seed" "1" "seed of the B_m and b_m"
        ]
        Build =
            fun get ->
                Groups.quadratics {
                    Kind = "random"
                    Groups = positive "groups" (get "groups")
                    Dimension = positive "d" (get "d")
                    Rows = positive "rows" (get "rows")
                    Offset = 1.0
                    First = 0.0
                    Lambda = lambdaOf (get "lambda")
                    Radius = number "radius" (get "radius")
                    Seed = integer "seed" (get "seed")
                }
    }

    let private poisson = {
        Name = "poisson"
        Summary = "1-D Poisson problem by collocation with adversarial weights of residual and boundary losses"
        Parameters = [
            parameter "modes" "3" "sines in the solution"
            parameter "points" "4" "collocation points in each half of the interval"
            parameter "lambda" "0.05" "weight λ of the regulariser"
            parameter "radius" "5" "radius of the ball on which gradients are bounded"
            parameter "seed" "1" "seed of right-hand side and boundary values"
        ]
        Build =
            fun get ->
                Groups.poisson {
                    Modes = positive "modes" (get "modes")
                    Linear = 2
                    Points = positive "points" (get "points")
                    Force = 1.0
                    First = 0.0
                    Lambda = lambdaOf (get "lambda")
                    Radius = number "radius" (get "radius")
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [ sines; groups; poisson ]
