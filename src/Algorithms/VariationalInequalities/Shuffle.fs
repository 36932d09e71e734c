/// Shuffled sampling in variational inequalities; its files stand in the folder of this name.
///
/// Medyakov, Molodtsov, Evseev et al., "Shuffling Heuristic in Variational Inequalities: Establishing New Convergence
/// Guarantees", 2025.
module Theory.Algorithms.VariationalInequalities.Shuffle

open Theory

let paper: Paper = {
    Key = "VI-SHUFFLE"
    Title = "Shuffling Heuristic in Variational Inequalities: Establishing New Convergence Guarantees"
    Citation = "Medyakov, Molodtsov, Evseev et al., 2025"
    Family = "variational-inequalities"
    Problem = "F = (1/n) Σ F_i = 0, every F_i L_m-Lipschitz, F L-Lipschitz and μ-strongly monotone"
    Methods = [
        MethodEntry.create ShuffledExtragradient.reshuffled
        MethodEntry.create ShuffledExtragradient.once
        MethodEntry.create ShuffledExtragradient.independent
        MethodEntry.create AnchoredShuffling.method
    ]
    Claims = [
        AnchoredShuffling.everyOrder
        StationaryError.slopeClaim
        Epochs.coverageClaim
        Epochs.coincideClaim
        StationaryError.epochsClaim
        EveryOrder.lipschitzClaim
        EveryOrder.monotoneClaim
    ]
}
