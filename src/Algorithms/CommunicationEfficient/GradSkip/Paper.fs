/// GradSkip and GradSkip+: fewer gradients at clients with small condition numbers.
///
/// Maranjyan, Safaryan, Richtárik, 2022, arXiv 2210.16402.
module Theory.Algorithms.CommunicationEfficient.GradSkipPaper

open Theory

let paper: Paper = {
    Key = "CE-GRADSKIP"
    Title = "GradSkip: Communication-Accelerated Local Gradient Methods with Better Computational Complexity"
    Citation = "Maranjyan, Safaryan, Richtárik, 2022, arXiv 2210.16402"
    Family = "communication-efficient"
    Problem =
        "f = (1/n) Σ f_i, f_i L_i-smooth and μ-strongly convex; GradSkip+: min f + ψ, f L-smooth with a matrix L, ψ proximable"
    Methods = [
        MethodEntry.create GradSkip.method
        MethodEntry.create GradSkipRounds.method
        MethodEntry.create GradSkipPlus.method
    ]
    Claims = [
        GradSkipRates.rate
        GradSkipCounts.counts
        GradSkipCounts.counters
        GradSkipRates.plusRate
        GradSkipReductions.reductions
    ]
}
