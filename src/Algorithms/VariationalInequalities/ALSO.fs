/// Adaptive loss scaling for distributionally robust optimisation; methods and claims stand in the folder of this name,
/// what is shared with other papers on group weights in GroupWeights.
///
/// Feoktistov, Ignashin, Veprikov, Borovko, Bogdanov, Chezhegov, Beznosikov, "Aligning Distributionally Robust Optimization
/// with Practical Deep Learning Needs", 2025, arXiv 2508.16734.
/// Problem: min_θ max_π Σ π_g f_g(θ) + (wd/2)‖θ‖² − λ KL(π‖π̂).
module Theory.Algorithms.VariationalInequalities.ALSO

open Theory

let paper: Paper = {
    Key = "VI-ALSO"
    Title = "Aligning Distributionally Robust Optimization with Practical Deep Learning Needs"
    Citation = "Feoktistov, Ignashin, Veprikov, Borovko, Bogdanov, Chezhegov, Beznosikov, 2025, arXiv 2508.16734"
    Family = "variational-inequalities"
    Problem = "min over θ, max over π in the simplex of Σ π_g f_g(θ) + (wd/2)‖θ‖² − λ KL(π‖π̂)"
    Methods = [
        MethodEntry.create ALSOMethods.optimistic
        MethodEntry.create ALSOMethods.method
        MethodEntry.create ALSOClipped.method
    ]
    Claims = [
        ALSOWeights.stepClaim
        ALSOWeights.orderClaim
        ALSOWeights.spanClaim
        ALSOWeights.divergenceClaim
        ALSOBatches.batchClaim
        ALSOReductions.adamClaim
        ALSOWeights.multiplicativeClaim
        ALSOWeights.priorClaim
        ALSOStationarity.stationarityClaim
        ALSOStationarity.worstGroupClaim
        ALSOCounts.countClaim
        ALSOClipped.claim
        ALSOCounts.signClaim
    ]
}
