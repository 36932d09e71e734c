/// The uncertainty principle of compression, and Kashin compression, which comes near it; the claims stand in the folder of
/// this name, the compressor in Compressors/Kashin.fs.
///
/// Safaryan, Shulgin, Richtárik, "Uncertainty Principle for Communication Compression in Distributed and Federated Learning
/// and the Search for an Optimal Compressor", 2020, arXiv 2002.08958.
module Theory.Algorithms.CommunicationEfficient.KashinPaper

open Theory
open Theory.Algorithms.CommunicationEfficient.Compressors

/// Distributed gradient descent whose workers send Kashin-compressed gradients, one bit a coefficient.
let method = {
    CompressedGD.methodWith (kashin 2) with
        Name = "KC-GD"
        Summary = "x⁺ = x − γ·mean KC_i(∇f_i(x)), KC one bit a coefficient of a Kashin representation"
}

let paper: Paper = {
    Key = "CE-KASHIN"
    Title =
        "Uncertainty Principle for Communication Compression in Distributed and Federated Learning and the Search for an Optimal Compressor"
    Citation = "Safaryan, Shulgin, Richtárik, 2020, arXiv 2002.08958"
    Family = "communication-efficient"
    Problem = "compressors of the unit ball of R^d with b bits a vector"
    Methods = [ MethodEntry.create method ]
    Claims = [
        UncertaintyPrinciple.claim
        Representation.representationClaim
        KashinVariance.varianceClaim
        RepresentationGrowth.growthClaim
        KashinVariance.redundancyClaim
    ]
}
