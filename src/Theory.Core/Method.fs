namespace Theory

open Theory.Numerics

/// One condition of a theorem on parameters and constants, with what was found.
type Condition = {
    /// The theorem's condition, with the numbers in it: "γ ≤ 1/L = 0.1, got 0.2".
    Text: string
    /// Whether it holds.
    Holds: bool
}

[<RequireQualifiedAccess>]
module Condition =

    /// value ≤ limit, named.
    let atMost (symbol: string) (value: float) (limitText: string) (limit: float) = {
        Text = $"{symbol} ≤ {limitText} = {limit:G6}, got {value:G6}"
        Holds = value <= limit * (1.0 + Rounding.parameter)
    }

    /// value > 0, named.
    let positive (symbol: string) (value: float) = {
        Text = $"{symbol} > 0, got {value:G6}"
        Holds = value > 0.0
    }

    /// 0 < value ≤ 1, named.
    let probability (symbol: string) (value: float) = {
        Text = $"0 < {symbol} ≤ 1, got {value:G6}"
        Holds = value > 0.0 && value <= 1.0
    }

/// How a bound of a theorem summarises a trajectory of the measured quantity.
[<RequireQualifiedAccess>]
type Summary =
    /// The value at step k.
    | Last
    /// The mean of steps 0 .. k−1.
    | RunningMean
    /// The smallest of steps 0 .. k−1.
    | RunningMin

/// A bound along a trajectory: measured(k) relates to bound k (scale of the start).
[<NoEquality; NoComparison>]
type RunBound<'S> = {
    /// What is measured, in words: "‖x_k − x*‖²".
    Name: string
    /// One number per lane.
    Measure: 'S -> Block
    /// How the run is summarised at step k.
    Summary: Summary
    /// What the bound needs of the start, one number per lane (V_0, say).
    Scale: 'S -> Block
    /// The bound at step k from the start's scale.
    Bound: int -> float -> float
    /// True when the bound is on the expectation, false when it holds on every run.
    InExpectation: bool
}

/// A method with parameters and problem filled in: a random map of its state, as data.
[<NoEquality; NoComparison>]
type Process<'S, 'D> = {
    /// The method's name.
    Name: string
    /// What is drawn each step.
    Draw: Draw<'D>
    /// The state after an outcome, from the state before: a pure function.
    Step: 'D -> 'S -> 'S
    /// What one step is charged.
    Cost: 'D -> Charge list
}

/// A method: pure functions of problem 'Q, parameters 'P, state 'S and drawn outcome 'D.
[<NoEquality; NoComparison>]
type Method<'Q, 'P, 'S, 'D> = {
    /// The paper's own name.
    Name: string
    /// One line: what one step does.
    Summary: string
    /// The theorem's parameters from the instance's constants.
    Rule: 'Q -> 'P
    /// The theorem's conditions on given parameters.
    Conditions: 'Q -> 'P -> Condition list
    /// What is drawn each step.
    Draw: 'Q -> 'P -> Draw<'D>
    /// The state at the start x⁰ (1 × lanes × d).
    Init: 'Q -> 'P -> Block -> 'S
    /// One step.
    Step: 'Q -> 'P -> 'D -> 'S -> 'S
    /// The iterate that the method returns (1 × lanes × d).
    Output: 'S -> Block
    /// What one step is charged.
    Cost: 'Q -> 'P -> 'D -> Charge list
    /// The state at the solution with ideal control variates, that no outcome moves (None where noise moves it).
    FixedPoint: 'Q -> 'P -> 'S option
    /// The paper's bounds along a run.
    Bounds: 'Q -> 'P -> RunBound<'S> list
}

[<RequireQualifiedAccess>]
module Method =

    /// The method on one problem with one choice of parameters.
    let on (problem: 'Q) (parameters: 'P) (method: Method<'Q, 'P, 'S, 'D>) : Process<'S, 'D> = {
        Name = method.Name
        Draw = method.Draw problem parameters
        Step = method.Step problem parameters
        Cost = method.Cost problem parameters
    }
