namespace Theory.Problems

open Theory.Problems.ProblemParameters

/// Named models on two devices.
module internal NamedPipelines =

    let private pipeline = {
        Name = "pipeline"
        Summary = "a linear model in two stages on two devices, with planted targets"
        Parameters = [
            parameter "n" "20" "samples"
            parameter "p" "4" "inputs"
            parameter "d" "8" "activations that travel"
            parameter "seed" "1" "seed of inputs and targets"
        ]
        Build =
            fun get ->
                Pipelines.planted {
                    Samples = positive "n" (get "n")
                    Inputs = positive "p" (get "p")
                    Width = positive "d" (get "d")
                    Seed = integer "seed" (get "seed")
                }
    }

    let entries: ProblemEntry list = [ pipeline ]
