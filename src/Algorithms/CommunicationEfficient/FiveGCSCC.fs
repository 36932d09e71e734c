/// 5GCS-CC and 5GCS-AB; their methods and claims stand in the folder of this name.
///
/// Grudzień, Malinovsky, Richtárik, "Improving Accelerated Federated Learning with Compression and Importance Sampling",
/// 2023, arXiv 2306.03240.
module Theory.Algorithms.CommunicationEfficient.FiveGCSCC

open Theory

let paper: Paper = {
    Key = "CE-5GCSCC"
    Title = "Improving Accelerated Federated Learning with Compression and Importance Sampling"
    Citation = "Grudzień, Malinovsky, Richtárik, 2023, arXiv 2306.03240"
    Family = "communication-efficient"
    Problem =
        "f = (1/M) Σ f_m, f_m L_m-smooth and μ-strongly convex; independent unbiased compressors, or unequal sampling of clients"
    Methods = [
        MethodEntry.create CompressedFiveGCS.exact
        MethodEntry.create CompressedFiveGCS.inexact
        MethodEntry.create SampledFiveGCS.method
    ]
    Claims = [
        CompressedFiveGCSClaims.exactRate
        SampledFiveGCSClaims.rate
        ImportanceClaims.counts
        SampledFiveGCSClaims.reductions
        CompressedFiveGCSClaims.inexactRate
    ]
}
