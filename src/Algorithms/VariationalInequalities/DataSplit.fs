/// Optimal splitting of the data between a server and its workers; model and claims stand in the folder of this name.
///
/// Medyakov, Molodtsov, Beznosikov, Gasnikov, "Optimal Data Splitting in Distributed Optimization for Machine Learning",
/// 2024, arXiv 2401.07809.
/// Problem: N samples, b_1 on the server; similarity δ(b_1) falls with b_1, the server's own work grows with it.
module Theory.Algorithms.VariationalInequalities.DataSplit

open Theory

let paper: Paper = {
    Key = "VI-SPLIT"
    Title = "Optimal Data Splitting in Distributed Optimization for Machine Learning"
    Citation = "Medyakov, Molodtsov, Beznosikov, Gasnikov, 2024, arXiv 2401.07809"
    Family = "variational-inequalities"
    Problem =
        "N samples, b_1 of them on the server of the accelerated extragradient method; running time of its steps and rounds"
    Methods = []
    Claims = [
        SplitClaims.loadsClaim
        SplitClaims.shareClaim
        SplitClaims.stationarityClaim
        SampledHessian.tailClaim
        SampledHessian.decayClaim
    ]
}
