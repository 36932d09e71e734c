namespace Theory.Algorithms

open Theory
open Theory.Numerics

/// Shapes of bounds that many papers share.
[<RequireQualifiedAccess>]
module Bounds =

    /// measured(k) ≤ factor^k · scale: linear convergence of a Lyapunov function.
    let linear name inExpectation (lyapunov: 'S -> Block) (factor: float) : RunBound<'S> = {
        Name = name
        Measure = lyapunov
        Summary = Summary.Last
        Scale = lyapunov
        Bound = fun k start -> factor ** float k * start
        InExpectation = inExpectation
    }

    /// Linear convergence to a floor: measured(k) ≤ factor^k · scale + floor.
    let linearToFloor name inExpectation (lyapunov: 'S -> Block) (factor: float) (floor: float) : RunBound<'S> = {
        linear name inExpectation lyapunov factor with
            Bound = fun k start -> factor ** float k * start + floor
    }

    /// The mean of the measure over steps 0 .. k−1 is at most constant · scale / k.
    let averaged name inExpectation (measure: 'S -> Block) (scale: 'S -> Block) (constant: float) : RunBound<'S> = {
        Name = name
        Measure = measure
        Summary = Summary.RunningMean
        Scale = scale
        Bound = fun k start -> constant * start / float (max k 1)
        InExpectation = inExpectation
    }
