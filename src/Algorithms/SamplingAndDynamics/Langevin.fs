/// The unadjusted Langevin algorithm.
///
/// Dalalyan, Karagulyan, "User-friendly guarantees for the Langevin Monte Carlo with inaccurate gradient", SPA 129(12),
/// 2019, arXiv 1710.00095; Vempala, Wibisono, "Rapid convergence of the unadjusted Langevin algorithm", NeurIPS 2019,
/// arXiv 1903.08568.
/// Problem: π ∝ e^{−F}, F L-smooth and μ-strongly convex (so π satisfies LSI(μ)). On quadratics every law is Gaussian.
module Theory.Algorithms.SamplingAndDynamics.Langevin

open Theory

let paper: Paper = {
    Key = "SD-ULA"
    Title = "Unadjusted Langevin algorithm"
    Citation = "Dalalyan, Karagulyan, SPA 129(12), 2019; Vempala, Wibisono, NeurIPS 2019"
    Family = "sampling-and-dynamics"
    Problem = "π ∝ e^{−F}, F L-smooth and μ-strongly convex"
    Methods = [ MethodEntry.create ULA.method ]
    Claims = [
        StationaryLaw.exact
        StationaryLaw.closed
        StationaryLaw.bias
        StationaryLaw.contraction
        LangevinConvergence.wasserstein
        LangevinConvergence.entropy
        LangevinConvergence.sharpEntropy
    ]
}
