/// Stochastic extragradient with one sample a step; its methods stand in the folder of this name.
///
/// Mishchenko, Kovalev, Shulgin, Richtárik, Malitsky, "Revisiting Stochastic Extragradient", AISTATS 2020,
/// arXiv 1905.11373.
module Theory.Algorithms.VariationalInequalities.SEG

open Theory

let paper: Paper = {
    Key = "VI-SEG"
    Title = "Revisiting Stochastic Extragradient"
    Citation = "Mishchenko, Kovalev, Shulgin, Richtárik, Malitsky, AISTATS 2020, arXiv 1905.11373"
    Family = "variational-inequalities"
    Problem = "F = E F_ξ = 0, every F_ξ L-Lipschitz and μ-strongly monotone, or skew"
    Methods = [
        MethodEntry.create SampledExtragradient.sameSample
        MethodEntry.create SampledExtragradient.independent
        MethodEntry.create NegativeMomentum.method
    ]
    Claims = [
        SameSampleClaims.stepClaim
        SameSampleClaims.runClaim
        BilinearFactors.coordinateClaim
        BilinearFactors.scalarClaim
        BilinearFactors.implicitClaim
        NegativeMomentum.radiusClaim
        NegativeMomentum.spreadClaim
    ]
}
