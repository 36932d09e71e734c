namespace Theory.Problems

open Theory
open Theory.Numerics

/// An operator that offers products with its Jacobian.
type IJacobianOperator =
    inherit IOperator
    /// ∇F(z)v, per lane; z and v are 1 × lanes × d.
    abstract JacobianVector: z: Block -> v: Block -> Block
