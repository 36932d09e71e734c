/// Decentralised variational inequalities at the optimal rates; the methods and claims stand in the folder of this name.
///
/// Kovalev, Beznosikov, Sadiev, Persiianov, Richtárik, Gasnikov, "Optimal Algorithms for Decentralized Stochastic
/// Variational Inequalities", NeurIPS 2022, arXiv 2202.02771.
/// Problem: Σ_m F_m(z) = 0, F_m = (1/n) Σ_j F_mj at node m of a network that may change with time; nodes exchange vectors with
/// their neighbours only.
module Theory.Algorithms.VariationalInequalities.Decentralized

open Theory

let paper: Paper = {
    Key = "VI-DECENTR"
    Title = "Optimal Algorithms for Decentralized Stochastic Variational Inequalities"
    Citation = "Kovalev, Beznosikov, Sadiev, Persiianov, Richtárik, Gasnikov, NeurIPS 2022, arXiv 2202.02771"
    Family = "variational-inequalities"
    Problem =
        "Σ_m F_m(z) = 0 over a network, F_m L-Lipschitz and μ-strongly monotone, a finite sum with mean-square constant L̄; gossip matrices of condition number χ"
    Methods = [
        MethodEntry.create FixedNetwork.method
        MethodEntry.create FixedNetwork.chebyshev
        MethodEntry.create StochasticFixedNetwork.method
        MethodEntry.create StochasticFixedNetwork.chebyshev
        MethodEntry.create ChangingNetwork.method
        MethodEntry.create GossipExtragradient.method
    ]
    Claims = [
        NetworkIdentities.fixedPointClaim
        NetworkIdentities.meanClaim
        GossipClaims.polynomialClaim
        GossipClaims.multistepClaim
        FixedNetwork.claim
        NetworkCounts.claim
        ChangingNetworkRate.claim
        NetworkLowerBound.claim
        StochasticFixedNetwork.claim
        NetworkOrder.claim
    ]
}
