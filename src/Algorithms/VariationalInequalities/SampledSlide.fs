/// AEG with sampled clients and privacy noise; method and claims stand in the folder of this name.
///
/// Bylinkin, Degtyarev, Beznosikov, "Accelerated Stochastic ExtraGradient: Mixing Hessian and Gradient Similarity to Reduce
/// Communication in Distributed and Federated Learning", 2024, arXiv 2409.14280.
/// Problem: f = (1/M) Σ f_m μ-strongly convex, a convex f_1 on the server, ‖∇²f_1 − ∇²f‖ ≤ δ,
/// (1/M) Σ ‖∇f_m − ∇f‖² ≤ ζ².
module Theory.Algorithms.VariationalInequalities.SampledSlide

open Theory

let paper: Paper = {
    Key = "VI-ASEG"
    Title =
        "Accelerated Stochastic ExtraGradient: Mixing Hessian and Gradient Similarity to Reduce Communication in Distributed and Federated Learning"
    Citation = "Bylinkin, Degtyarev, Beznosikov, 2024, arXiv 2409.14280"
    Family = "variational-inequalities"
    Problem =
        "f = (1/M) Σ f_m μ-strongly convex, ‖∇²f_1 − ∇²f‖ ≤ δ, (1/M) Σ ‖∇f_m − ∇f‖² ≤ ζ², noise σ² on each message"
    Methods = [ MethodEntry.create ASEG.method ]
    Claims = [
        ASEGClaims.oneStepClaim
        ASEGClaims.floorClaim
        ASEGExact.scalingClaim
        ASEGExact.estimatorClaim
        ASEGExact.countClaim
    ]
}
