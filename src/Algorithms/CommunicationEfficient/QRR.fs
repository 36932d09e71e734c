/// Random reshuffling with compressed gradients; its files stand in the folder of this name.
///
/// Sadiev, Malinovsky, Gorbunov, Sokolov, Khaled, Burlachenko, Richtárik, "Federated Optimization Algorithms with Random
/// Reshuffling and Gradient Compression", 2022, arXiv 2206.07021.
module Theory.Algorithms.CommunicationEfficient.QRRPaper

open Theory

let paper: Paper = {
    Key = "CE-QRR"
    Title = "Federated Optimization Algorithms with Random Reshuffling and Gradient Compression"
    Citation = "Sadiev, Malinovsky, Gorbunov, Sokolov, Khaled, Burlachenko, Richtárik, 2022, arXiv 2206.07021"
    Family = "communication-efficient"
    Problem = "f = (1/(Mn)) Σ_m Σ_i f_m^i, f_m^i smooth, each strongly convex, or convex with f strongly convex"
    Methods = [
        MethodEntry.create QRR.method
        MethodEntry.create DIANARR.method
        MethodEntry.create NASTYA.plain
        MethodEntry.create NASTYA.method
    ]
    Claims = [
        QRRRates.qrrClaim
        QRRRates.choicesClaim
        QRRRates.dianaRRClaim
        NASTYARates.qNastyaClaim
        NASTYARates.dianaNastyaClaim
        RadiusClaims.commonClaim
        RadiusClaims.independentClaim
        RadiusClaims.valuesClaim
        RadiusClaims.printedUpper
        RadiusClaims.printedLower
        QRRStationary.slopeClaim
        QRRReductions.reductionsClaim
    ]
}
