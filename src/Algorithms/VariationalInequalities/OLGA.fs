/// OLGA and EF-OLGA: acceleration, compression and similarity at once.
///
/// Bylinkin, Beznosikov, "Accelerated Methods with Compressed Communications for Distributed Optimization Problems under
/// Data Similarity", AAAI 2025, arXiv 2412.16414. One file each in the folder OLGA: Unbiased.fs holds OLGA and
/// Contractive.fs EF-OLGA, the files of their names with Claims their claims, ContractiveEpochs.fs
/// what the latter state, Counts.fs identities and counts. What is shared with VRCS stands in SimilarityEpochs.fs.
module Theory.Algorithms.VariationalInequalities.OLGAPaper

open Theory

let paper: Paper = {
    Key = "VI-OLGA"
    Title =
        "Accelerated Methods with Compressed Communications for Distributed Optimization Problems under Data Similarity"
    Citation = "Bylinkin, Beznosikov, AAAI 2025, arXiv 2412.16414"
    Family = "variational-inequalities"
    Problem =
        "f = (1/M) Σ f_m μ-strongly convex, ‖∇(f_m − f)(x) − ∇(f_m − f)(y)‖ ≤ δ‖x − y‖; unbiased or contractive compressors"
    Methods = [ MethodEntry.create OLGA.method; MethodEntry.create EFOLGA.method ]
    Claims =
        [
            OLGAClaims.innerLemma
            OLGACounts.counterexampleClaim
            OLGAClaims.printedLemma
            OLGAClaims.outerTheorem
        ]
        @ EFOLGAClaims.outerTheorem
        @ [
            OLGACounts.identityClaim
            OLGACounts.accountClaim
            OLGACounts.timeClaim
            OLGAClaims.corollary
            OLGAClaims.outerIterations
        ]
        @ EFOLGAClaims.innerLemma
        @ EFOLGAClaims.memory
        @ EFOLGAClaims.contraction
        @ [ OLGACounts.correctedRounds; OLGACounts.printedRounds ]
}
