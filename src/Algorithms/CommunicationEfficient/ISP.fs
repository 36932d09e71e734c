/// Adaptive numbers of participants; the files stand in the folder of this name.
///
/// Skorik, Dorofeev, Molodtsov, Avetisyan, Bylinkin, Medyakov, Beznosikov, "Communication-Efficient Federated Learning with
/// Adaptive Number of Participants", 2025, arXiv 2508.13803. ParticipantRules.fs holds rounds of fixed and of adapted size,
/// Probes.fs ISP, SampledAverages.fs and NeededClients.fs what sampled averages do, Uploads.fs and
/// Bookkeeping.fs the counts.
module Theory.Algorithms.CommunicationEfficient.ISPPaper

open Theory

let paper: Paper = {
    Key = "CE-ISP"
    Title = "Communication-Efficient Federated Learning with Adaptive Number of Participants"
    Citation = "Skorik, Dorofeev, Molodtsov, Avetisyan, Bylinkin, Medyakov, Beznosikov, 2025, arXiv 2508.13803"
    Family = "communication-efficient"
    Problem = "f = (1/n) Σ f_i, L-smooth (not convex); rounds of sampled clients, a loss on the server"
    Methods = [
        MethodEntry.create ISP.method
        MethodEntry.create ParticipantRules.ruleMethod
        MethodEntry.create ParticipantRules.fixedMethod
    ]
    Claims = [
        SampledAverages.lossClaim
        SampledAverages.pickClaim
        NeededClients.descentClaim
        NeededClients.equalityClaim
        ParticipantUploads.uploadClaim
        ISPBookkeeping.bookkeepingClaim
    ]
}
