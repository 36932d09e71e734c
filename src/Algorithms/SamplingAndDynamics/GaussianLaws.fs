/// Distances between Gaussian laws, and what they say of any laws.
///
/// Gelbrich, 1990; Bakry, Émery, 1985; Otto, Villani, 2000. The functions stand in `Theory.Problems.Gaussians`.
/// Problem: ρ = N(m1, S1), π = N(m2, A⁻¹), μ = λmin(A), L = λmax(A), F(x) = ½(x − m2)ᵀA(x − m2).
module Theory.Algorithms.SamplingAndDynamics.GaussianLaws

open Theory

let paper: Paper = {
    Key = "SD-GAUSS"
    Title = "Distances between Gaussian laws"
    Citation = "Gelbrich, 1990; Bakry, Émery, 1985; Otto, Villani, 2000"
    Family = "sampling-and-dynamics"
    Problem = "ρ = N(m1, S1), π = N(m2, A⁻¹)"
    Methods = []
    Claims = [ Gelbrich.claim; GaussianInequalities.claim ]
}
