/// SCAFFOLD: local steps whose drift is corrected by control variates; its files stand in the folder of this name.
///
/// Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, "SCAFFOLD: Stochastic Controlled Averaging for Federated Learning",
/// ICML 2020, arXiv 1910.06378. ControlVariates.fs holds the method, RoundIdentities.fs what is exact, Rates.fs the linear
/// rates, Growth.fs the count of rounds.
module Theory.Algorithms.CommunicationEfficient.SCAFFOLDPaper

open Theory

let paper: Paper = {
    Key = "CE-SCAFFOLD"
    Title = "SCAFFOLD: Stochastic Controlled Averaging for Federated Learning"
    Citation = "Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, ICML 2020, arXiv 1910.06378"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i, f_i convex and L-smooth, f PL(μ); all clients or a sample of them in each round"
    Methods = [
        MethodEntry.create SCAFFOLD.method
        MethodEntry.create SCAFFOLD.sampledMethod
    ]
    Claims = [
        SCAFFOLDRounds.identityClaim
        SCAFFOLDRates.fullRate
        SCAFFOLDRates.sampledRate
        SCAFFOLDGrowth.growthClaim
    ]
}
