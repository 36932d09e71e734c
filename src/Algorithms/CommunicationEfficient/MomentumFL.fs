/// FedAvg-M and SCAFFOLD-M: momentum against the drift of clients; the files stand in the folder of this name.
///
/// Cheng, Huang, Wu, Yuan, "Momentum Benefits Non-IID Federated Learning Simply and Provably", ICLR 2024, arXiv 2306.16504.
/// ServerMomentum.fs holds the methods, Identities.fs what is exact, Lemmas.fs the chain of lemmas, Rates.fs the rates.
module Theory.Algorithms.CommunicationEfficient.MomentumFLPaper

open Theory

let paper: Paper = {
    Key = "CE-MOMFL"
    Title = "Momentum Benefits Non-IID Federated Learning Simply and Provably"
    Citation = "Cheng, Huang, Wu, Yuan, ICLR 2024, arXiv 2306.16504"
    Family = "communication-efficient"
    Problem =
        "f = (1/N) Σ F_i bounded below, F_i L-smooth (not convex), no bound on heterogeneity; gradient noise of variance σ²"
    Methods = [
        MethodEntry.create MomentumFL.method
        MethodEntry.create MomentumFL.correctedMethod
        MethodEntry.create MomentumFL.sampledMethod
    ]
    Claims = [
        MomentumRates.driftClaim
        MomentumIdentities.fixedPointClaim
        MomentumIdentities.reductionClaim
        MomentumLemmas.chainClaim
        MomentumLemmas.firstStepClaim
        MomentumIdentities.varianceClaim
        MomentumRates.theoremClaim
        MomentumRates.scalingClaim
    ]
}
