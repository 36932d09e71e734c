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
    CommunicationEfficient.FedAvgClaims.paper
    CommunicationEfficient.SCAFFOLDPaper.paper
    // CE-EFBV
    CommunicationEfficient.EFBV.paper
    // CE-PSVR
    CommunicationEfficient.ProxSkipVR.paper
    // CE-5GCS
    CommunicationEfficient.GradSkipPaper.paper
    CommunicationEfficient.FiveGCS.paper
    // CE-GRADSKIP
    // CE-CSCAF
    CommunicationEfficient.CompressedScaffnewCounts.paper
    // CE-TAMUNA
    CommunicationEfficient.TAMUNACounts.paper
    // CE-5GCSCC
    CommunicationEfficient.FiveGCSCC.paper
    // CE-APDA
    CommunicationEfficient.APDA.paper
    // CE-DASHAPP
    CommunicationEfficient.DASHAPP.paper
    // CE-ADOM
    CommunicationEfficient.ADOMPaper.paper
    // CE-KASHIN
    CommunicationEfficient.KashinPaper.paper
    // CE-QRR
    CommunicationEfficient.QRRPaper.paper
    // CE-FEDCRR
    CommunicationEfficient.FEDCRRPaper.paper
    // CE-FEDSHUFFLE
    CommunicationEfficient.FedShuffle.paper
    // CE-RCP
    CommunicationEfficient.RCP.paper
    // CE-L2GD
    CommunicationEfficient.L2GDIdentities.paper
    // CE-NEWTON3PC
    CommunicationEfficient.Newton3PCPaper.paper
    // CE-MODELPAR
    CommunicationEfficient.ISPPaper.paper
    CommunicationEfficient.MomentumFLPaper.paper
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
