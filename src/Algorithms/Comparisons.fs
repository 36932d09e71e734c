/// Every comparison that the papers claim and the library runs.
[<RequireQualifiedAccess>]
module Theory.Algorithms.Comparisons

open Theory
open Theory.Algorithms

let private blank = {
    Key = ""
    Family = ""
    Claim = ""
    Source = ""
    Problem = ""
    Order = []
    By = Spending.Rounds
    Target = 1e-6
    Steps = 20000
    Lanes = 1
    Ratio = 1.0
}

let private vi = {
    blank with
        Family = "variational-inequalities"
}

let private ce = {
    blank with
        Family = "communication-efficient"
}

let private variationalInequalities = [
    {
        vi with
            Key = "VI-X1"
            Claim = "the optimistic method needs about half of extragradient's operator calls"
            Source = "VI-SURVEY"
            Problem = "game:n=1,d=5,mu=0.1,coupling=1"
            Order = [ Comparison.by "PEG"; Comparison.by "EG" ]
            By = Spending.Gradients
            Ratio = 1.5
    }
    {
        vi with
            Key = "VI-X2"
            Claim = "variance reduction needs fewer evaluations of summands than full steps when there are many"
            Source = "VI-SURVEY"
            Problem = "game:n=100,d=3,deviation=0.1,mu=0.1"
            Order = [ Comparison.by "VR-EG"; Comparison.by "PEG"; Comparison.by "EG" ]
            By = Spending.Gradients
            Lanes = 4
            Ratio = 1.5
    }
    {
        vi with
            Key = "VI-X3"
            Claim = "compressed differences send fewer floats than whole vectors"
            Source = "VI-MASHA"
            Problem = "game:n=16,d=16,mu=0.5"
            Order = [ Comparison.by "MASHA1"; Comparison.by "EG-distributed" ]
            By = Spending.Floats
            Lanes = 4
            Ratio = 1.5
    }
    {
        vi with
            Key = "VI-X4"
            Claim =
                "similarity, compression and local steps together send less than two of them, those less than one, and one less than none"
            Source = "VI-PILLARS"
            Problem = "similargame:n=20,blocks=10,skew=20,delta=0.5,mu=1"
            Order = [
                Comparison.by "THREE-PILLARS"
                Comparison.by "OPT-MASHA with damped momentum"
                Comparison.by "MASHA1"
                Comparison.by "EG-distributed"
            ]
            By = Spending.Floats
            Lanes = 2
            Ratio = 1.2
    }
    {
        vi with
            Key = "VI-X5"
            Claim = "reshuffled sampling reaches an accuracy that independent sampling with the same stepsize does not"
            Source = "VI-SHUFFLE"
            Problem = "game:n=6,d=1,mu=0.5"
            Order = [
                {
                    Method = "EG-RR"
                    Parameters = [ "Gamma", 0.005 ]
                }
                {
                    Method = "EG-IID"
                    Parameters = [ "Gamma", 0.005 ]
                }
            ]
            By = Spending.Gradients
            Steps = 3000
    }
    {
        vi with
            Key = "VI-X6"
            Claim = "the optimal decentralized method reaches an accuracy at which plain gossip stalls"
            Source = "VI-DECENTR"
            Problem = "network:nodes=12,graph=path,mu=0.3,blocks=1"
            Order = [ Comparison.by "DVI"; Comparison.by "Gossip-EG" ]
            By = Spending.Gossip
            Steps = 10000
    }
    {
        vi with
            Key = "VI-X7"
            Claim =
                "sliding needs fewer rounds than accelerated, and that fewer than plain gradient steps, when the server's function is stiff and similar"
            Source = "VI-SLIDE"
            Problem = "server:n=5,d=10,stiffness=1000"
            Order = [ Comparison.by "AEG"; Comparison.by "NAG-SC"; Comparison.by "GD" ]
            By = Spending.Rounds
            Steps = 10000
            Ratio = 4.0
    }
    {
        vi with
            Key = "VI-X8"
            Claim =
                "where both groups are convex, sliding over the two groups sends fewer messages than accelerated variance reduction"
            Source = "VI-SEPAR"
            Problem = "twogroups:delta_f=0.1,d=5"
            Order = [ Comparison.by "C-AEG"; Comparison.by "AccVRCS" ]
            By = Spending.Messages
            Steps = 2000
            Ratio = 4.0
    }
]

let private communicationEfficient = [
    {
        ce with
            Key = "CE-X1"
            Claim = "local training communicates √κ times less than gradient descent"
            Source = "CE-SCAF"
            Problem = "similar:n=5,d=5,kappa=400,delta=0.1"
            Order = [ Comparison.by "ProxSkip"; Comparison.by "GD" ]
            By = Spending.Rounds
            Steps = 200000
            Lanes = 4
            Ratio = 4.0
    }
]

/// All comparisons, by family.
let all: Comparison list = variationalInequalities @ communicationEfficient
