/// ADOM; the method and claims stand in the folder of this name.
///
/// Kovalev, Shulgin, Richtárik, Rogozin, Gasnikov, "ADOM: Accelerated Decentralized Optimization Method for Time-Varying
/// Networks", ICML 2021, arXiv 2102.09234.
module Theory.Algorithms.CommunicationEfficient.ADOMPaper

open Theory

let paper: Paper = {
    Key = "CE-ADOM"
    Title = "ADOM: Accelerated Decentralized Optimization Method for Time-Varying Networks"
    Citation = "Kovalev, Shulgin, Richtárik, Rogozin, Gasnikov, ICML 2021, arXiv 2102.09234"
    Family = "communication-efficient"
    Problem =
        "min Σ f_m(x) over a network that changes, f_m L-smooth and μ-strongly convex with the oracle ∇f_m*; gossip matrices symmetric with positive eigenvalues in [λmin⁺, λmax]"
    Methods = [ MethodEntry.create ADOM.method ]
    Claims = [
        ADOMRate.rateClaim
        ADOMRate.adversaryClaim
        ADOMRate.invariantClaim
        ADOMCounts.countClaim
        ADOMCounts.exponentClaim
    ]
}
