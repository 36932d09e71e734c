/// The deterministic and stochastic extragradient family; its methods stand in the folder of this name.
///
/// Beznosikov, Polyak, Gorbunov, Kovalev, Gasnikov, "Smooth Monotone Stochastic Variational Inequalities and Saddle Point
/// Problems: A Survey", 2022, arXiv 2208.13592.
/// Problem: F(z) = 0, F L-Lipschitz, monotone or μ-strongly monotone.
module Theory.Algorithms.VariationalInequalities.Survey

open Theory

let paper: Paper = {
    Key = "VI-SURVEY"
    Title = "Smooth Monotone Stochastic Variational Inequalities and Saddle Point Problems: A Survey"
    Citation = "Beznosikov, Polyak, Gorbunov, Kovalev, Gasnikov, 2022, arXiv 2208.13592"
    Family = "variational-inequalities"
    Problem = "F(z) = 0, F L-Lipschitz, monotone or μ-strongly monotone; F = (1/n) Σ F_i for VR-EG"
    Methods = [
        MethodEntry.create GDA.method
        MethodEntry.create Extragradient.method
        MethodEntry.create PastExtragradient.method
        MethodEntry.create PastExtragradient.optimistic
        MethodEntry.create VarianceReducedExtragradient.method
        MethodEntry.create StochasticExtragradient.method
    ]
    Claims = [
        Divergence.claim
        Extragradient.strongly
        Extragradient.nonlinear
        PastExtragradient.same
        PastExtragradient.sameNonlinear
        PastExtragradient.lyapunovClaim
        PastExtragradient.nonlinear
        Extragradient.gap
        VarianceReducedExtragradient.lyapunovClaim
        LowerBound.claim
        StochasticExtragradient.strongly
        StochasticExtragradient.minty
    ]
}
