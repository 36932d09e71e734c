namespace Theory.Problems

open Theory
open Theory.Numerics

/// f = (1/n) Σ f_i with the Hessians of the f_i, Lipschitz in x.
type IHessianSum =
    inherit IFiniteSum
    /// ∇²f_i(x) for every i, row-major: 1 × lanes × d to n × lanes × d².
    abstract Hessians: Block -> Block
    /// L_* with ‖∇²f_i(x) − ∇²f_i(y)‖ ≤ L_*‖x − y‖ in the spectral norm, for every i.
    abstract HessianLipschitz: float
    /// L_F, the same in the Frobenius norm.
    abstract HessianLipschitzFrobenius: float
