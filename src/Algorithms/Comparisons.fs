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
    {
        ce with
            Key = "CE-X2"
            Claim = "compressed differences reach an accuracy that compressed gradients do not when the clients differ"
            Source = "CE-DIANA"
            Problem = "quadratic:n=5,d=5,kappa=10"
            Order = [ Comparison.by "DIANA"; Comparison.by "DCGD" ]
            By = Spending.Bits
            Target = 1e-8
            Steps = 5000
    }
    {
        ce with
            Key = "CE-X3"
            Claim = "with shifts, reshuffling pays under compression; without them it does not"
            Source = "CE-QRR"
            Problem = "clients:m=2,n=3,d=3,kappa=5"
            Order = [ Comparison.by "DIANA-RR"; Comparison.by "Q-RR" ]
            By = Spending.Floats
            Target = 1e-3
            Steps = 4000
            Ratio = 10.0
    }
    {
        ce with
            Key = "CE-X4"
            Claim =
                "local training with compression sends fewer floats than local training alone when there are many clients"
            Source = "CE-CSCAF"
            Problem = "similar:n=32,d=8,kappa=100,delta=0"
            Order = [ Comparison.by "CompressedScaffnew"; Comparison.by "ProxSkip" ]
            By = Spending.Floats
            Target = 1e-12
            Lanes = 4
            Ratio = 1.2
    }
    {
        ce with
            Key = "CE-X5"
            Claim = "clients that are well conditioned compute fewer gradients when they may skip them"
            Source = "CE-GRADSKIP"
            Problem = "proxclients:n=10,d=5,kappa=1000,last=2"
            Order = [ Comparison.by "GradSkip by rounds"; Comparison.by "ProxSkip" ]
            By = Spending.Gradients
            Lanes = 4
            Ratio = 1.2
    }
    {
        ce with
            Key = "CE-X6"
            Claim = "a faster local solver needs fewer local steps for the same rounds"
            Source = "CE-APDA"
            Problem = "proxclients:n=4,d=4,kappa=1000,last=1000"
            Order = [ Comparison.by "APDA-Inexact with OGM-G"; Comparison.by "APDA-Inexact" ]
            By = Spending.LocalSteps
            Steps = 4000
            Ratio = 1.5
    }
    {
        ce with
            Key = "CE-X7"
            Claim = "local steps with control variates reach the solution, without them they stop at another point"
            Source = "CE-SCAFFOLD"
            Problem = "quadratic:n=4,d=4,kappa=20"
            Order = [ Comparison.by "SCAFFOLD"; Comparison.by "FedAvg" ]
            By = Spending.Rounds
            Steps = 4000
    }
    {
        ce with
            Key = "CE-X8"
            Claim = "sampling clients costs rounds: the stepsize falls with the share that takes part"
            Source = "CE-SCAFFOLD"
            Problem = "quadratic:n=4,d=4,kappa=20"
            Order = [ Comparison.by "SCAFFOLD"; Comparison.by "SCAFFOLD, sampled clients" ]
            By = Spending.Rounds
            Lanes = 4
            Ratio = 2.0
    }
    {
        ce with
            Key = "CE-X9"
            Claim = "rounds do not depend on how many clients take part, so fewer send fewer messages"
            Source = "CE-TAMUNA"
            Problem = "similar:n=8,d=8,kappa=50,delta=0.1"
            Order = [
                {
                    Method = "TAMUNA"
                    Parameters = [ "C", 2.0 ]
                }
                {
                    Method = "TAMUNA"
                    Parameters = [ "C", 8.0 ]
                }
            ]
            By = Spending.Messages
            Lanes = 4
            Ratio = 1.2
    }
]

/// All comparisons, by family.
let all: Comparison list = variationalInequalities @ communicationEfficient
