/// Complexity separation: two groups of clients of different similarity, each asked as rarely as its own similarity allows.
///
/// Bylinkin, Skorik, Bystrov et al., "Accelerated Methods with Complexity Separation Under Data Similarity for Federated
/// Learning Problems", 2026. One file each in the folder Separation: VRCS.fs and CAEG.fs hold the methods, the files of
/// their names with Claims the claims, Estimates.fs those on single estimates.
module Theory.Algorithms.VariationalInequalities.Separation

open Theory

let paper: Paper = {
    Key = "VI-SEPAR"
    Title = "Accelerated Methods with Complexity Separation Under Data Similarity for Federated Learning Problems"
    Citation = "Bylinkin, Skorik, Bystrov et al., 2026"
    Family = "variational-inequalities"
    Problem =
        "h = f + g μ-strongly convex over two groups of clients, ‖∇²(f − f_1)‖ ≤ δ_f, ‖∇²(g − g_1)‖ ≤ δ_g, f_1 and g_1 at the server"
    Methods = [
        MethodEntry.create CAEG.method
        MethodEntry.create VRCS.method
        MethodEntry.create VRCS.accelerated
        MethodEntry.create VRCS.baseline
    ]
    Claims = [
        CAEGClaims.contractionClaim
        CAEGClaims.criterionClaim
        CAEGClaims.roundsClaim
        VRCSEstimates.estimatorClaim
        VRCSEstimates.baselineClaim
        VRCSClaims.epochLemma
        VRCSClaims.contractionClaim
        VRCSClaims.acceleratedClaim
        VRCSClaims.accountClaim
        VRCSClaims.roundsClaim
    ]
}
