/// DASHA-PP: the paper with its methods and claims.
module Theory.Algorithms.CommunicationEfficient.DASHAPP

open Theory

let paper: Paper = {
    Key = "CE-DASHAPP"
    Title =
        "A Computation and Communication Efficient Method for Distributed Nonconvex Problems in the Partial Participation Setting"
    Citation = "Tyurin, Richtárik, NeurIPS 2023, arXiv 2205.15580"
    Family = "communication-efficient"
    Problem =
        "f = (1/n) Σ f_i bounded below, f and the f_i smooth (not convex); clients take part at random and send compressed vectors"
    Methods = [
        MethodEntry.create DashaFullGradients.method
        MethodEntry.create DashaFullGradients.dasha
        MethodEntry.create DashaSampledGradients.page
        MethodEntry.create DashaSampledGradients.mvr
    ]
    Claims = [
        DashaNonconvexClaims.nonconvex
        DashaNonconvexClaims.sharper
        DashaIdentityClaims.meansClaim
        DashaIdentityClaims.sampledMeansClaim
        DashaIdentityClaims.reductionsClaim
        DashaUploads.uploadsClaim
        DashaNonconvexClaims.page
    ]
}
