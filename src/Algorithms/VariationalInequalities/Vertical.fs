/// Vertical federated learning as a saddle point problem; the methods and claims stand in the folder of this name.
///
/// Beznosikov, Kormakov, Grigorievskiy, Rudakov, Nazykov, Rogozin, Vakhrushev, Savchenko, Takáč, Gasnikov, "Exploring New
/// Frontiers in Vertical Federated Learning: the Role of Saddle Point Reformulation", 2026, arXiv 2602.15996.
/// Problem: min over x of ℓ(Σ A_ix_i) + Σ r_i(x_i), the features A_i and weights x_i at party i, the labels at the server, as
/// min over (x, z), max over y of ℓ(z) + Σ r_i(x_i) + ⟨y, Σ A_ix_i − z⟩.
module Theory.Algorithms.VariationalInequalities.Vertical

open Theory

let paper: Paper = {
    Key = "VI-VFL"
    Title = "Exploring New Frontiers in Vertical Federated Learning: the Role of Saddle Point Reformulation"
    Citation =
        "Beznosikov, Kormakov, Grigorievskiy, Rudakov, Nazykov, Rogozin, Vakhrushev, Savchenko, Takáč, Gasnikov, 2026, arXiv 2602.15996"
    Family = "variational-inequalities"
    Problem =
        "min over (x, z), max over y of ℓ(z) + Σ r_i(x_i) + ⟨y, Σ A_ix_i − z⟩, features split between parties, labels at the server"
    Methods = [
        MethodEntry.create VerticalExtragradient.method
        MethodEntry.create VerticalCompression.byCoordinates
        MethodEntry.create VerticalCompression.byParties
        MethodEntry.create VerticalCompression.byMessages
    ]
    Claims = [
        VerticalClaims.reformulation
        VerticalClaims.constantClaim
        VerticalClaims.gapClaim
        VerticalMessages.unbiasedClaim
        VerticalCompression.claim
        VerticalCompression.decayClaim
        VerticalMessages.countClaim
        VerticalClaims.scalingClaim
    ]
}
