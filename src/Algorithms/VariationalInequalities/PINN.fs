/// Training of physics-informed networks as a saddle-point problem over the weights of losses; methods and claims stand in
/// the folder of this name, what is shared with other papers on group weights in GroupWeights.
///
/// Bylinkin, Aleksandrov, Chezhegov et al., "Enhancing Stability of Physics-Informed Neural Network Training Through
/// Saddle-Point Reformulation", 2025 (ICLR 2026).
/// Problem: min_θ max_π Σ π_m L_m(θ) − λ KL(π‖π̂), smooth, possibly nonconvex L_m with ‖∇L_m‖ ≤ G.
module Theory.Algorithms.VariationalInequalities.PINN

open Theory

let paper: Paper = {
    Key = "VI-PINN"
    Title = "Enhancing Stability of Physics-Informed Neural Network Training Through Saddle-Point Reformulation"
    Citation = "Bylinkin, Aleksandrov, Chezhegov et al., 2025 (ICLR 2026)"
    Family = "variational-inequalities"
    Problem = "min over θ, max over π in the simplex of Σ π_m L_m(θ) − λ KL(π‖π̂), ‖∇L_m‖ ≤ G, L_m L_1-smooth"
    Methods = [
        MethodEntry.create BGDA.method
        MethodEntry.create BGDA.simultaneous
        MethodEntry.create AdaBGDA.method
        MethodEntry.create AdaBGDA.clipped
    ]
    Claims = [
        PINNWeights.stepClaim
        PINNWeights.stationarityClaim
        PINNMaximum.maximumClaim
        PINNWeights.spanClaim
        PINNWeights.divergenceClaim
        PINNMaximum.trackingClaim
        PINNDescent.descentClaim
        PINNDescent.descentOnMaximum
        PINNDescent.plainLimit
        PINNPoisson.saddleClaim
        PINNPoisson.appliesClaim
        PINNDescent.scaledClaim
    ]
}
