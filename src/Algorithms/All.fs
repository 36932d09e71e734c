/// Every paper of the library, in the order of the catalogue: tests, command line and documents are derived from this
/// list. Adding a paper is adding its file and a line here.
[<RequireQualifiedAccess>]
module Theory.Algorithms.All

open Theory
open Theory.Algorithms

let papers: Paper list = [
    CommunicationEfficient.CompressorZoo.paper
    CommunicationEfficient.CompressedGD.paper
    CommunicationEfficient.DIANA.paper
    CommunicationEfficient.ShiftedCompression.paper
    CommunicationEfficient.EF21Claims.paper
    CommunicationEfficient.MARINA.paper
    CommunicationEfficient.ProxSkipClaims.paper
    StochasticVarianceReduction.GradientDescent.paper
]
