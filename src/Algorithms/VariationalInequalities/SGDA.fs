/// Stochastic gradient descent-ascent: unified theory and new methods; they stand in the folder of this name.
///
/// Beznosikov, Gorbunov, Berard, Loizou, "Stochastic Gradient Descent-Ascent: Unified Theory and New Efficient Methods",
/// 2022 (AISTATS 2023, PMLR 206), arXiv 2202.07262. Theorem numbers are those of the proceedings. The paper also allows a
/// proximable term; here F(z*) = 0.
module Theory.Algorithms.VariationalInequalities.SGDA

open Theory

let paper: Paper = {
    Key = "VI-SGDA"
    Title = "Stochastic Gradient Descent-Ascent: Unified Theory and New Efficient Methods"
    Citation = "Beznosikov, Gorbunov, Berard, Loizou, 2022 (AISTATS 2023), arXiv 2202.07262"
    Family = "variational-inequalities"
    Problem = "F(z) = 0, ⟨F(z), z − z*⟩ ≥ μ‖z − z*‖²; F ℓ-star-cocoercive, F = (1/n) Σ F_i with averaged cocoercivity ℓ̂"
    Methods = [
        MethodEntry.create UniformSGDA.method
        MethodEntry.create SampledSGDA.importance
        MethodEntry.create SampledSGDA.minibatch
        MethodEntry.create SampledSGDA.replacementMinibatch
        MethodEntry.create LSVRGDA.method
        MethodEntry.create SAGASGDA.method
        MethodEntry.create QSGDA.method
        MethodEntry.create DIANASGDA.method
        MethodEntry.create VRDIANASGDA.method
        MethodEntry.create CoordinateSGDA.method
        MethodEntry.create CoordinateSGDA.sega
        MethodEntry.create DecreasingSGDA.method
    ]
    Claims = [
        SGDATheorem.claim
        UniformSGDA.claim
        LSVRGDA.claim
        SAGASGDA.claim
        QSGDA.claim
        DIANASGDA.claim
        CoordinateSGDA.segaClaim
        SGDAReductions.claim
        VRDIANASGDAClaims.momentsClaim
        SampledSGDAClaims.importanceClaim
        VRDIANASGDAClaims.ownClaim
        CompressedSGDANoise.quantizedClaim
        CompressedSGDANoise.shiftedClaim
        VRDIANASGDARate.printedClaim
        VRDIANASGDARate.paperClaim
        VRDIANASGDARate.correctedClaim
        SampledSGDAClaims.batchClaim
        CoordinateSGDA.claim
        DecreasingSGDA.lemma
        DecreasingSGDA.claim
        DecreasingSGDA.printedClaim
        MonotoneGapSGDA.claim
    ]
}
