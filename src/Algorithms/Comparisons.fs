/// Every comparison that the papers claim and the library runs.
[<RequireQualifiedAccess>]
module Theory.Algorithms.Comparisons

open Theory
open Theory.Algorithms

/// All comparisons, by family.
let all: Comparison list = [
    {
        Key = "VI-X1"
        Family = "variational-inequalities"
        Claim = "the optimistic method needs about half of extragradient's operator calls"
        Source = "VI-SURVEY"
        Problem = "game:n=1,d=5,mu=0.1,coupling=1"
        Order = [ Comparison.by "PEG"; Comparison.by "EG" ]
        By = Spending.Gradients
        Target = 1e-6
        Steps = 20000
        Lanes = 1
        Ratio = 1.5
    }
    {
        Key = "CE-X1"
        Family = "communication-efficient"
        Claim = "local training communicates √κ times less than gradient descent"
        Source = "CE-SCAF"
        Problem = "similar:n=5,d=5,kappa=400,delta=0.1"
        Order = [ Comparison.by "ProxSkip"; Comparison.by "GD" ]
        By = Spending.Rounds
        Target = 1e-6
        Steps = 200000
        Lanes = 4
        Ratio = 4.0
    }
]
