/// THREE-PILLARS: similarity, compression and local steps; its methods and claims stand in the folder of this name.
///
/// Beznosikov, Takáč, Gasnikov, "Similarity, Compression and Local Steps: Three Pillars of Efficient Communications for
/// Distributed Variational Inequalities", 2023 (NeurIPS 2023), arXiv 2302.07615.
module Theory.Algorithms.VariationalInequalities.PILLARS

open Theory

let paper: Paper = {
    Key = "VI-PILLARS"
    Title =
        "Similarity, Compression and Local Steps: Three Pillars of Efficient Communications for Distributed Variational Inequalities"
    Citation = "Beznosikov, Takáč, Gasnikov, 2023 (NeurIPS 2023), arXiv 2302.07615"
    Family = "variational-inequalities"
    Problem =
        "F = (1/n) Σ F_i(z) = 0, F μ-strongly monotone, the server's F_1 monotone and the F_i at most δ from it in mean square"
    Methods = [
        MethodEntry.create ThreePillars.method
        MethodEntry.create ThreePillars.methodEG
        MethodEntry.create ThreePillars.tpapp
        MethodEntry.create ThreePillars.tpappEG
    ]
    Claims = [
        PillarsRates.exactClaim
        PillarsIdentities.momentsClaim
        PillarsRates.residualClaim
        PillarsIdentities.localClaim
        PillarsCounts.commonClaim
        PillarsIdentities.reductionClaim
        PillarsRates.relativeClaim
        PillarsRates.monotoneClaim
        PillarsCounts.ratesClaim
    ]
}
