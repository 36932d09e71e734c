/// Scaled methods for saddle points; their files stand in the folder of this name.
///
/// Beznosikov, Alanov, Kovalev, Takáč, Gasnikov, "On Scaled Methods for Saddle Point Problems", 2022, arXiv 2206.08303.
module Theory.Algorithms.VariationalInequalities.Scaled

open Theory

let paper: Paper = {
    Key = "VI-SCALED"
    Title = "On Scaled Methods for Saddle Point Problems"
    Citation = "Beznosikov, Alanov, Kovalev, Takáč, Gasnikov, 2022, arXiv 2206.08303"
    Family = "variational-inequalities"
    Problem = "F = 0, F L-Lipschitz and μ-strongly monotone; diagonal preconditioners with eI ⪯ D̂ ⪯ ΓI"
    Methods = [
        MethodEntry.create ScaledExtragradient.squares
        MethodEntry.create ScaledExtragradient.adam
        MethodEntry.create ScaledExtragradient.hutchinson
        MethodEntry.create ScaledExtragradient.momentum
    ]
    Claims = [
        ScaledClaims.fixedClaim
        MetricDrift.driftClaim
        MetricDrift.adamClaim
        ScaledClaims.movingClaim
        ScaledClaims.runsClaim
        Hutchinson.hutchinsonClaim
        Hutchinson.idleClaim
    ]
}
