/// Every paper of the library, in the order of the catalogue: tests, command line and documents are derived from this
/// list. Adding a paper is adding its file and a line here.
[<RequireQualifiedAccess>]
module Theory.Algorithms.All

open Theory
open Theory.Algorithms

let papers: Paper list = [
    // Variational inequalities.
    VariationalInequalities.Survey.paper
    VariationalInequalities.MASHA.paper
    // VI-SGDA
    VariationalInequalities.SGDA.paper
    // VI-SEG
    VariationalInequalities.SEG.paper
    // VI-SARAH
    VariationalInequalities.SARAH.paper
    // VI-SHUFFLE
    VariationalInequalities.PILLARS.paper
    VariationalInequalities.OPTMASHA.paper
    VariationalInequalities.Shuffle.paper
    // VI-PILLARS
    // VI-OPTMASHA
    // VI-DECENTR
    // VI-SLIDE
    VariationalInequalities.Slide.paper
    // VI-ASEG
    VariationalInequalities.SampledSlide.paper
    // VI-SPLIT
    VariationalInequalities.DataSplit.paper
    // VI-OLGA
    VariationalInequalities.OLGAPaper.paper
    // VI-SEPAR
    VariationalInequalities.Separation.paper
    // VI-MARKOV
    VariationalInequalities.MARKOV.paper
    // VI-SCALED
    VariationalInequalities.Scaled.paper
    // VI-VFL
    // VI-PINN
    VariationalInequalities.PINN.paper
    // VI-ALSO
    VariationalInequalities.ALSO.paper
    // Communication-efficient and federated methods.
    CommunicationEfficient.CompressorZoo.paper
    CommunicationEfficient.CompressedGD.paper
    CommunicationEfficient.ProxSkipClaims.paper
    CommunicationEfficient.DIANA.paper
    CommunicationEfficient.EF21Claims.paper
    CommunicationEfficient.MARINA.paper
    CommunicationEfficient.ShiftedCompression.paper
    // Stochastic methods and variance reduction.
    StochasticVarianceReduction.GradientDescent.paper
    StochasticVarianceReduction.SGD.paper
    StochasticVarianceReduction.LSVRG.paper
    StochasticVarianceReduction.SAGA.paper
    StochasticVarianceReduction.PAGEClaims.paper
    StochasticVarianceReduction.Nesterov.paper
    StochasticVarianceReduction.HeavyBall.paper
    StochasticVarianceReduction.Kaczmarz.paper
    StochasticVarianceReduction.SketchProject.paper
    // Robust and private methods.
    RobustAndPrivate.RobustAggregation.paper
    RobustAndPrivate.ClippedSGD.paper
    // LMO, sign and adaptive methods.
    LmoSignAdaptive.MomentumClaims.paper
    // Sampling and dynamics.
    SamplingAndDynamics.GaussianLaws.paper
    SamplingAndDynamics.Langevin.paper
    // Systems and models.
    SystemsAndModels.EventModel.paper
    SystemsAndModels.AsynchronousTime.paper
    SystemsAndModels.RennalaTime.paper
    SystemsAndModels.TensorTrain.paper
]
