/// Regularised client participation: the paper with its methods and claims.
module Theory.Algorithms.CommunicationEfficient.RCP

open Theory

let paper: Paper = {
    Key = "CE-RCP"
    Title = "Federated Learning with Regularized Client Participation"
    Citation = "Malinovsky, Horváth, Burlachenko, Richtárik, 2023, arXiv 2302.03662"
    Family = "communication-efficient"
    Problem = "f = (1/(MN)) ΣΣ f_m^i over M clients with N samples each, every f_m^i L-smooth and μ-strongly convex"
    Methods = [
        MethodEntry.create RcpCohorts.regularised
        MethodEntry.create RcpCohorts.independent
    ]
    Claims = [
        RcpRates.rateClaim
        RcpRates.everyOrderClaim
        RcpIdentities.returnClaim
        RcpRates.slopeClaim
        RcpIdentities.reductionClaim
        RcpRates.radiusClaim
    ]
}
