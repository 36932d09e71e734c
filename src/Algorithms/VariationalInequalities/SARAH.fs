/// SARAH for cocoercive variational inequalities; its files stand in the folder of this name.
///
/// Beznosikov, Gasnikov, "SARAH-based Variance-reduced Algorithm for Stochastic Finite-sum Cocoercive Variational
/// Inequalities", 2022, arXiv 2210.05994.
module Theory.Algorithms.VariationalInequalities.SARAH

open Theory

let paper: Paper = {
    Key = "VI-SARAH"
    Title = "SARAH-based Variance-reduced Algorithm for Stochastic Finite-sum Cocoercive Variational Inequalities"
    Citation = "Beznosikov, Gasnikov, 2022, arXiv 2210.05994"
    Family = "variational-inequalities"
    Problem = "F = (1/n) Σ F_i = 0, every F_i ℓ-cocoercive, F μ-strongly monotone"
    Methods = [ MethodEntry.create SarahVI.method ]
    Claims = [
        SarahClaims.decreaseClaim
        SarahClaims.errorClaim
        SarahClaims.outerClaim
        SarahClaims.callsClaim
        SarahClaims.meanClaim
    ]
}
