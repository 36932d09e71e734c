/// ProxSkip-VR: local training with variance-reduced gradients.
///
/// Malinovsky, Yi, Richtárik, "Variance Reduced ProxSkip: Algorithm, Theory and Application to Federated Learning",
/// NeurIPS 2022, arXiv 2207.04338. Numbers of theorems are those of the submission.
/// Problem: min f(x) + r(x), f L-smooth and μ-strongly convex, r proximable, ∇f through an estimator.
module Theory.Algorithms.CommunicationEfficient.ProxSkipVR

open Theory

let paper: Paper = {
    Key = "CE-PSVR"
    Title = "Variance Reduced ProxSkip: Algorithm, Theory and Application to Federated Learning"
    Citation = "Malinovsky, Yi, Richtárik, NeurIPS 2022, arXiv 2207.04338"
    Family = "communication-efficient"
    Problem =
        "min f + r, f μ-strongly convex, r proximable; federated: f = (1/m) Σ_j φ̃_j over the samples of M clients, r the consensus indicator"
    Methods = [
        MethodEntry.create ProxSkipVREstimators.lsvrg
        MethodEntry.create ProxSkipVREstimators.hub
        MethodEntry.create ProxSkipVRSampling.sgd
    ]
    Claims = [
        ProxSkipVRRate.rate
        ProxSkipVRHub.hubRate
        ProxSkipVRHub.proxStep
        ProxSkipVRSgd.transientClaim
        ProxSkipVRSgd.printed
        ProxSkipVRSgd.additiveNoise
        ProxSkipVRSgd.splitRate
        ProxSkipVRReductions.reductions
        ProxSkipVRCounts.ratioClaim
        ProxSkipVRCounts.runs
        ProxSkipVRConvexity.convexity
        ProxSkipVRConvexity.printed
    ]
}
