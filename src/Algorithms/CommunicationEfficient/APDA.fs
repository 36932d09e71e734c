/// APDA; its methods and claims stand in the folder of this name.
///
/// Sadiev, Kovalev, Richtárik, "Communication Acceleration of Local Gradient Methods via an Accelerated Primal-Dual
/// Algorithm with Inexact Prox", NeurIPS 2022, arXiv 2207.03957.
module Theory.Algorithms.CommunicationEfficient.APDA

open Theory

let paper: Paper = {
    Key = "CE-APDA"
    Title =
        "Communication Acceleration of Local Gradient Methods via an Accelerated Primal-Dual Algorithm with Inexact Prox"
    Citation = "Sadiev, Kovalev, Richtárik, NeurIPS 2022, arXiv 2207.03957"
    Family = "communication-efficient"
    Problem = "min G(x) with x_1 = … = x_n, G(x) = Σ f_i(x_i), f_i μ-strongly convex and L-smooth"
    Methods = [
        MethodEntry.create APDAMethods.exact
        MethodEntry.create APDAMethods.gradientSteps
        MethodEntry.create APDAMethods.acceleratedSteps
        MethodEntry.create APDAMethods.gradientNormSteps
        MethodEntry.create APDAMethods.tested
    ]
    Claims = [
        APDARates.exactRate
        APDARates.exactRuns
        APDAInexact.inexactRate
        APDAInexact.inexactRuns
        APDALocalSteps.local
        APDARounds.rounds
    ]
}
