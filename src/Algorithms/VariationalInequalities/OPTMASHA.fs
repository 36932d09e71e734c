/// OPT-MASHA: compression and similarity without local steps; its method and claims stand in the folder of this name.
///
/// Beznosikov, Gasnikov, "Compression and Data Similarity: Combination of Two Techniques for Communication-Efficient Solving
/// of Distributed Variational Inequalities", 2022, arXiv 2206.09446.
module Theory.Algorithms.VariationalInequalities.OPTMASHA

open Theory

let paper: Paper = {
    Key = "VI-OPTMASHA"
    Title =
        "Compression and Data Similarity: Combination of Two Techniques for Communication-Efficient Solving of Distributed Variational Inequalities"
    Citation = "Beznosikov, Gasnikov, 2022, arXiv 2206.09446"
    Family = "variational-inequalities"
    Problem =
        "F = (1/n) Σ F_i(z) = 0, F L-Lipschitz and μ-strongly monotone, the F_i at most δ from F in mean square; PermK compressors"
    Methods = [ MethodEntry.create OptMasha.method; MethodEntry.create OptMasha.damped ]
    Claims = [
        OptMashaRates.plainClaim
        OptMashaRates.plainFrame
        OptMashaIdentities.varianceClaim
        OptMashaIdentities.reductionClaim
        OptMashaCounts.countClaim
        OptMashaRates.dampedClaim
        OptMashaRates.dampedFrame
    ]
}
