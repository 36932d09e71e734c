/// First-order methods with Markovian noise; the estimator, the methods and the claims stand in the folder of this name.
///
/// Beznosikov, Samsonov, Sheshukova, Gasnikov, Naumov, Moulines, "First Order Methods with Markovian Noise: from
/// Acceleration to Variational Inequalities", NeurIPS 2023, arXiv 2305.15938.
module Theory.Algorithms.VariationalInequalities.MARKOV

open Theory

let paper: Paper = {
    Key = "VI-MARKOV"
    Title = "First Order Methods with Markovian Noise: from Acceleration to Variational Inequalities"
    Citation = "Beznosikov, Samsonov, Sheshukova, Gasnikov, Naumov, Moulines, NeurIPS 2023, arXiv 2305.15938"
    Family = "variational-inequalities"
    Problem = "F(z) = E_π F(z, Z) = 0, or min f(x) = E_π f(x, Z), sampled along a Markov chain of mixing time τ"
    Methods = [ MethodEntry.create REG.method; MethodEntry.create RASGD.method ]
    Claims = [
        EstimatorMean.unbiasedClaim
        EstimatorMean.samplesClaim
        EstimatorMean.printedSamples
        MarkovMeans.mixingClaim
        MarkovMeans.twoStateClaim
        EstimatorVariance.varianceClaim
        EstimatorVariance.independentClaim
        REGClaims.strongly
        REGClaims.along
        REGClaims.exact
        RASGD.claim
        MarkovLowerBound.weightsClaim
        MarkovLowerBound.methodsClaim
        MarkovMeans.batchClaim
        MarkovMeans.proportionalClaim
        MarkovLowerBound.samplesClaim
    ]
}
