/// Compression between the devices of one model; methods and claims stand in the folder of this name.
///
/// Rudakov, Beznosikov, Kholodov, Gasnikov, "Activations and Gradients Compression for Model-Parallel Training", Doklady
/// Mathematics, 2023, arXiv 2401.07788.
module Theory.Algorithms.CommunicationEfficient.ModelParallelPaper

open Theory

let paper: Paper = {
    Key = "CE-MODELPAR"
    Title = "Activations and Gradients Compression for Model-Parallel Training"
    Citation = "Rudakov, Beznosikov, Kholodov, Gasnikov, 2023, arXiv 2401.07788"
    Family = "communication-efficient"
    Problem = "a model in two stages on two devices: activations travel forward, their gradients back, both compressed"
    Methods = [
        MethodEntry.create PipelineMethods.plainMethod
        MethodEntry.create PipelineMethods.feedbackMethod
        MethodEntry.create PipelineMethods.positionMethod
        MethodEntry.create PipelineMethods.sampleMethod
    ]
    Claims = [
        MessageClaims.feedbackClaim
        MessageClaims.trackingClaim
        SharedBuffers.gradientClaim
        TrainingClaims.mismatchClaim
        TrainingClaims.twinsClaim
        QuantiserClaims.claim
        SharedBuffers.turnsClaim
    ]
}
