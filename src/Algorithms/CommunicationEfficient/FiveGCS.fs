/// 5GCS; its methods and claims stand in the folder of this name.
///
/// Grudzień, Malinovsky, Richtárik, "Can 5th Generation Local Training Methods Support Client Sampling? Yes!", AISTATS
/// 2023, arXiv 2212.14370.
module Theory.Algorithms.CommunicationEfficient.FiveGCS

open Theory

let paper: Paper = {
    Key = "CE-5GCS"
    Title = "Can 5th Generation Local Training Methods Support Client Sampling? Yes!"
    Citation = "Grudzień, Malinovsky, Richtárik, AISTATS 2023, arXiv 2212.14370"
    Family = "communication-efficient"
    Problem =
        "f = (1/M) Σ f_m, f_m L-smooth and μ-strongly convex, as (μ/2)‖x‖² + Σ F_m with F_m = (1/M)(f_m − (μ/2)‖·‖²)"
    Methods = [
        MethodEntry.create FiveGCSMethods.exact
        MethodEntry.create FiveGCSMethods.inexact
        MethodEntry.create FiveGCSMethods.tested
    ]
    Claims = [
        FiveGCSRates.exactRate
        FiveGCSRates.inexactRate
        FiveGCSExact.identities
        FiveGCSCounts.rounds
        FiveGCSInexact.summedRule
        FiveGCSInexact.testedRule
        FiveGCSInexact.testedRuns
    ]
}
