/// MASHA: compressed extragradient for distributed variational inequalities; its methods stand in the folder of this name.
///
/// Beznosikov, Richtárik, Diskin, Ryabinin, Gasnikov, "Distributed Methods with Compressed Communication for Solving
/// Variational Inequalities, with Theoretical Guarantees", 2021 (NeurIPS 2022), arXiv 2110.03313.
module Theory.Algorithms.VariationalInequalities.MASHA

open Theory

let paper: Paper = {
    Key = "VI-MASHA"
    Title =
        "Distributed Methods with Compressed Communication for Solving Variational Inequalities, with Theoretical Guarantees"
    Citation = "Beznosikov, Richtárik, Diskin, Ryabinin, Gasnikov, 2021 (NeurIPS 2022), arXiv 2110.03313"
    Family = "variational-inequalities"
    Problem =
        "F = (1/M) Σ F_m(z) = 0, F L-Lipschitz and μ-strongly monotone; unbiased (MASHA1) or contractive (MASHA2) compressors"
    Methods = [
        MethodEntry.create MASHA1.method
        MethodEntry.create MASHAVariants.components
        MethodEntry.create MASHAVariants.partial
        MethodEntry.create MASHA2.method
        MethodEntry.create UncompressedExtragradient.method
    ]
    Claims = [
        MASHA1.lyapunovClaim
        CompressedMoments.compressed
        ErrorFeedback.virtualClaim
        ErrorFeedback.memoryClaim
        ErrorFeedback.lyapunovClaim
        MASHA1.reductionClaim
        MASHACounts.floatsClaim
        CompressedMoments.variants
        MASHAVariants.variantsClaim
        MASHACounts.ratesClaim
        Top1Example.naiveClaim
        Top1Example.feedbackClaim
        Top1Example.printedGradient
        Top1Example.gradientClaim
    ]
}
