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
    StochasticVarianceReduction.HeavyBall.paper
    StochasticVarianceReduction.Nesterov.paper
    StochasticVarianceReduction.SGD.paper
    StochasticVarianceReduction.LSVRG.paper
    StochasticVarianceReduction.SAGA.paper
    StochasticVarianceReduction.PAGE.paper
    StochasticVarianceReduction.Kaczmarz.paper
    StochasticVarianceReduction.SketchProject.paper
    // Variational inequalities.
    VariationalInequalities.Survey.paper
    VariationalInequalities.MASHA.paper
    // Sampling and dynamics.
    SamplingAndDynamics.GaussianLaws.paper
    SamplingAndDynamics.Langevin.paper
]
