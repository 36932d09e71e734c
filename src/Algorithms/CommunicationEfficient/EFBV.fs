/// EF-BV: a unified theory of error feedback and variance reduction; its parts stand in the folder of this name.
///
/// Condat, Yi, Richtárik, "EF-BV: A Unified Theory of Error Feedback and Variance Reduction Mechanisms for Biased and
/// Unbiased Compression in Distributed Optimization", NeurIPS 2022, arXiv 2205.04180.
module Theory.Algorithms.CommunicationEfficient.EFBV

open Theory

let paper: Paper = {
    Key = "CE-EFBV"
    Title =
        "EF-BV: A Unified Theory of Error Feedback and Variance Reduction Mechanisms for Biased and Unbiased Compression in Distributed Optimization"
    Citation = "Condat, Yi, Richtárik, NeurIPS 2022, arXiv 2205.04180"
    Family = "communication-efficient"
    Problem =
        "f + R, f = (1/n) Σ f_i, f_i L_i-smooth, R convex and proximable; compressors C_i ∈ C(η, ω) with averaged variance ω_av"
    Methods = [
        MethodEntry.create EFBVMethod.method
        MethodEntry.create EFBVMethod.proximalMethod
    ]
    Claims = [
        EFBVRates.linearClaim
        EFBVRates.linearNonlinearClaim
        EFBVReductions.runsClaim
        EFBVReductions.statesClaim
        EFBVStepsizes.stepsizesClaim
        EFBVStepsizes.floatsClaim
        EFBVProximal.ridgeClaim
        EFBVProximal.lassoClaim
        EFBVRates.nonconvexClaim
        EFBVRates.nonconvexNonlinearClaim
        EFBVRates.dianaClaim
        EFBVClasses.participationClaim
        EFBVClasses.scalingClaim
    ]
}
