/// Every paper of the library, in the order of the catalogue: tests, command line and documents are derived from this
/// list. Adding a paper is adding its file and a line here.
[<RequireQualifiedAccess>]
module Theory.Algorithms.All

open Theory
open Theory.Algorithms

let papers: Paper list = [
    // Variational inequalities.
    VariationalInequalities.Survey.paper
    VariationalInequalities.SGDA.paper
    VariationalInequalities.MASHA.paper
    VariationalInequalities.SEG.paper
    VariationalInequalities.SARAH.paper
    VariationalInequalities.PILLARS.paper
    VariationalInequalities.OPTMASHA.paper
    VariationalInequalities.Decentralized.paper
    VariationalInequalities.Slide.paper
    VariationalInequalities.OLGAPaper.paper
    VariationalInequalities.SampledSlide.paper
    VariationalInequalities.Separation.paper
    VariationalInequalities.MARKOV.paper
    VariationalInequalities.Shuffle.paper
    VariationalInequalities.Scaled.paper
    VariationalInequalities.Vertical.paper
    VariationalInequalities.PINN.paper
    VariationalInequalities.DataSplit.paper
    VariationalInequalities.ALSO.paper
    // Communication-efficient and federated methods.
    CommunicationEfficient.CompressorZoo.paper
    CommunicationEfficient.CompressedGD.paper
    CommunicationEfficient.ProxSkipClaims.paper
    CommunicationEfficient.DIANA.paper
    CommunicationEfficient.EF21Claims.paper
    CommunicationEfficient.MARINA.paper
    CommunicationEfficient.ShiftedCompression.paper
    // CE-FEDAVG
    // CE-SCAFFOLD
    // CE-EFBV
    // CE-PSVR
    // CE-5GCS
    // CE-GRADSKIP
    // CE-CSCAF
    // CE-TAMUNA
    // CE-5GCSCC
    // CE-APDA
    // CE-DASHAPP
    // CE-ADOM
    CommunicationEfficient.ADOMPaper.paper
    // CE-KASHIN
    CommunicationEfficient.KashinPaper.paper
    // CE-QRR
    // CE-FEDCRR
    // CE-FEDSHUFFLE
    // CE-RCP
    // CE-L2GD
    // CE-NEWTON3PC
    CommunicationEfficient.Newton3PCPaper.paper
    // CE-MODELPAR
    CommunicationEfficient.ModelParallelPaper.paper
    // CE-ISP
    // CE-MOMFL
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
