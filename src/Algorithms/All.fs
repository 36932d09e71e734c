/// Every paper of the library, in the order of the catalogue: tests, command line and documents are derived from this
/// list. Adding a paper is adding its file and a line here.
[<RequireQualifiedAccess>]
module Theory.Algorithms.All

open Theory
open Theory.Algorithms

let papers: Paper list = [
    CommunicationEfficient.DIANA.paper
    LmoSignAdaptive.MomentumClaims.paper
    RobustAndPrivate.RobustAggregation.paper
    RobustAndPrivate.ClippedSGD.paper
    StochasticVarianceReduction.GradientDescent.paper
    SystemsAndModels.EventModel.paper
    SystemsAndModels.RennalaTime.paper
    SystemsAndModels.AsynchronousTime.paper
    SystemsAndModels.TensorTrain.paper
]
