/// Compressed local passes in random order; its files stand in the folder of this name.
///
/// Malinovsky, Richtárik, "Federated Random Reshuffling with Compression and Variance Reduction", 2022, arXiv 2205.03914.
module Theory.Algorithms.CommunicationEfficient.FEDCRRPaper

open Theory

let paper: Paper = {
    Key = "CE-FEDCRR"
    Title = "Federated Random Reshuffling with Compression and Variance Reduction"
    Citation = "Malinovsky, Richtárik, 2022, arXiv 2205.03914"
    Family = "communication-efficient"
    Problem = "f = (1/(Mn)) Σ_m Σ_i f_m^i, every f_m^i μ-strongly convex and L-smooth"
    Methods = [
        MethodEntry.create FEDCRR.method
        MethodEntry.create FEDCRR.once
        MethodEntry.create FEDCRRVR.method
        MethodEntry.create FEDCRRVR.once
        MethodEntry.create FEDCRRVR2.method
        MethodEntry.create FEDCRRVR2.once
    ]
    Claims = [
        FEDCRRModels.epochClaim
        FEDCRRModels.passClaim
        FEDCRRModels.pairClaim
        FEDCRRModels.printedClaim
        FEDCRRVariance.varianceClaim
        FEDCRRVariance.printedClaim
        FEDCRRCorrected.correctedClaim
        FEDCRRCorrected.printedClaim
        FEDCRRIdentities.identityClaim
        FEDCRRIdentities.divergenceClaim
        FEDCRRFixedOrders.fixedOrdersClaim
        FEDCRRCounts.countClaim
    ]
}
