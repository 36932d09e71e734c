/// Gradient sliding and its application to distributed optimisation under similarity; methods and claims stand in the folder
/// of this name.
///
/// Kovalev, Beznosikov, Borodich, Gasnikov, Scutari, "Optimal Gradient Sliding and its Application to Distributed
/// Optimization Under Similarity", NeurIPS 2022, arXiv 2205.15136.
/// Problem: r = p + q, r (strongly) convex, q convex and L_q-smooth, p L_p-smooth and perhaps nonconvex; under similarity
/// q = f_1 is the server's function and L_p = δ. As operators, R = P + Q.
module Theory.Algorithms.VariationalInequalities.Slide

open Theory

let paper: Paper = {
    Key = "VI-SLIDE"
    Title = "Optimal Gradient Sliding and its Application to Distributed Optimization Under Similarity"
    Citation = "Kovalev, Beznosikov, Borodich, Gasnikov, Scutari, NeurIPS 2022, arXiv 2205.15136"
    Family = "variational-inequalities"
    Problem = "r = p + q, r (strongly) convex, q convex, p L_p-smooth and perhaps nonconvex; R = P + Q for operators"
    Methods = [
        MethodEntry.create AEG.method
        MethodEntry.create InnerLoop.method
        MethodEntry.create EGS.method
        MethodEntry.create AEGA.method
    ]
    Claims = [
        AEGClaims.exact
        AEGClaims.inexact
        EGSClaims.strongly
        AEGClaims.reductions
        SlidingLowerBound.claim
        SlidingCount.claim
        InnerLoopClaims.criterion
        InnerLoopClaims.gradientNormClaim
        InnerLoopClaims.whole
        AEGAClaims.potentialClaim
        AEGAClaims.potentialInexact
        AEGAClaims.rateClaim
        EGSClaims.monotoneGap
        EGSClaims.monotoneInexact
    ]
}
