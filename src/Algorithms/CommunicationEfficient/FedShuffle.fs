/// FedShuffle: the paper with its methods and claims.
module Theory.Algorithms.CommunicationEfficient.FedShuffle

open Theory

let paper: Paper = {
    Key = "CE-FEDSHUFFLE"
    Title = "FedShuffle: Recipes for Better Use of Local Work in Federated Learning"
    Citation = "Horváth, Sanjabi, Xiao, Richtárik, Rabbat, TMLR 2022, arXiv 2204.13169"
    Family = "communication-efficient"
    Problem = "f = Σ w_i f_i, w_i = N_i/ΣN, f_i = (1/N_i) Σ_j f_ij over clients whose numbers of samples N_i differ"
    Methods = [
        MethodEntry.create FedShuffleMethods.fedAvg
        MethodEntry.create FedShuffleMethods.fedShuffle
        MethodEntry.create FedShuffleMethods.fedNova
        MethodEntry.create FedShuffleMethods.fedNovaSampled
        MethodEntry.create FedShuffleMomentum.method
    ]
    Claims = [
        FedShuffleMismatch.mismatchClaim
        FedShuffleAggregation.aggregationClaim
        FedShuffleAggregation.coincidenceClaim
        FedShuffleDrift.driftClaim
        FedShuffleGradientStep.roundClaim
        FedShuffleDescent.descentClaim
    ]
}
