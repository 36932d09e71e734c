/// Newton-3PC; mechanisms, method and claims stand in the folder of this name.
///
/// Islamov, Qian, Hanzely, Safaryan, Richtárik, "Distributed Newton-Type Methods with Communication Compression and
/// Bernoulli Aggregation", 2022, arXiv 2206.03588.
module Theory.Algorithms.CommunicationEfficient.Newton3PCPaper

open Theory

let paper: Paper = {
    Key = "CE-NEWTON3PC"
    Title = "Distributed Newton-Type Methods with Communication Compression and Bernoulli Aggregation"
    Citation = "Islamov, Qian, Hanzely, Safaryan, Richtárik, 2022, arXiv 2206.03588"
    Family = "communication-efficient"
    Problem =
        "f = (1/n) Σ f_i μ-strongly convex, the ∇²f_i Lipschitz with L_* in the spectral and L_F in the Frobenius norm"
    Methods = [
        MethodEntry.create Newton3PC.method
        MethodEntry.create Newton3PC.lagMethod
        MethodEntry.create Newton3PC.clagMethod
        MethodEntry.create Newton3PC.bernoulliMethod
        MethodEntry.create Newton3PC.thresholdMethod
    ]
    Claims = [
        MechanismClaims.claim
        LocalClaims.stepClaim
        LocalClaims.learningClaim
        NewtonOnQuadratics.claim
        LocalClaims.currentClaim
    ]
}
