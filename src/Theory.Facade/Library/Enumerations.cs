namespace Theory.Api;

/// <summary>What verification says of a claim; never a bare pass.</summary>
public enum Verdict
{
    /// <summary>For all states of every instance tried (a matrix inequality).</summary>
    Proved,

    /// <summary>Every outcome of the randomness, from the starts tried.</summary>
    Exhausted,

    /// <summary>On every trajectory tried.</summary>
    Held,

    /// <summary>Statistically: no refutation at the stated level.</summary>
    Consistent,

    /// <summary>A counterexample was found.</summary>
    Refuted,

    /// <summary>Nothing can be said.</summary>
    Inconclusive,
}

/// <summary>The rungs of the ladder of evidence, strongest first.</summary>
public enum Rung
{
    /// <summary>A matrix inequality: all states of the instance at once.</summary>
    Spectral,

    /// <summary>Exact mean and covariance of the whole trajectory.</summary>
    Moments,

    /// <summary>Every outcome with its probability.</summary>
    Enumerated,

    /// <summary>Every trajectory tried, at every step.</summary>
    Trajectories,

    /// <summary>Samples, with statistics that are valid whenever they are looked at.</summary>
    Replicates,
}

/// <summary>The kinds of claim.</summary>
public enum ClaimKind
{
    /// <summary>An identity.</summary>
    Exact,

    /// <summary>A bound on every run.</summary>
    Sure,

    /// <summary>A bound on an expectation.</summary>
    Mean,

    /// <summary>A bound with a stated probability.</summary>
    Prob,

    /// <summary>A statement about a distribution.</summary>
    Law,

    /// <summary>A lower bound: an instance on which no method of the class does better.</summary>
    Lower,

    /// <summary>A number of oracle calls, rounds or bits.</summary>
    Count,

    /// <summary>A dependence on a constant: a slope.</summary>
    Scaling,
}

/// <summary>How much a verification spends.</summary>
public enum Profile
{
    /// <summary>The fewest instances.</summary>
    Quick,

    /// <summary>What tests run.</summary>
    Standard,

    /// <summary>Many instances.</summary>
    Deep,
}

/// <summary>How the measured side relates to the bound.</summary>
public enum Relation
{
    /// <summary>measured ≤ bound.</summary>
    AtMost,

    /// <summary>measured ≥ bound.</summary>
    AtLeast,

    /// <summary>measured = bound, to rounding.</summary>
    Equal,
}

/// <summary>How a bound summarises a trajectory of the measured quantity.</summary>
public enum Summary
{
    /// <summary>The value at step k.</summary>
    Last,

    /// <summary>The mean of steps 0 … k−1.</summary>
    RunningMean,

    /// <summary>The smallest of steps 0 … k−1.</summary>
    RunningMin,
}

/// <summary>How a stored constant relates to the true one.</summary>
public enum Certainty
{
    /// <summary>The stored value is the constant, to rounding.</summary>
    Exact,

    /// <summary>The true constant is at most the stored value.</summary>
    UpperBound,

    /// <summary>The true constant is at least the stored value.</summary>
    LowerBound,
}

/// <summary>What papers count.</summary>
public enum Counter
{
    /// <summary>Full gradients, or one gradient of each worker's own function.</summary>
    Gradients,

    /// <summary>Gradients of one summand.</summary>
    ComponentGradients,

    /// <summary>Values of the operator F.</summary>
    OperatorCalls,

    /// <summary>Values of one summand of the operator.</summary>
    ComponentCalls,

    /// <summary>Proximal steps.</summary>
    ProxCalls,

    /// <summary>Linear minimisation oracle calls.</summary>
    LmoCalls,

    /// <summary>Hessians.</summary>
    HessianCalls,

    /// <summary>Samples of a Markov chain or stream.</summary>
    Samples,

    /// <summary>Local steps of one worker.</summary>
    LocalSteps,

    /// <summary>Communication rounds with a server.</summary>
    Rounds,

    /// <summary>Exchanges with neighbours over a network, all nodes at once.</summary>
    GossipSteps,

    /// <summary>Messages between the server and single clients.</summary>
    Messages,

    /// <summary>Floats from one worker to the server.</summary>
    UplinkFloats,

    /// <summary>Bits from one worker to the server.</summary>
    UplinkBits,

    /// <summary>Floats from the server to one worker.</summary>
    DownlinkFloats,

    /// <summary>Bits from the server to one worker.</summary>
    DownlinkBits,

    /// <summary>Simulated seconds.</summary>
    Seconds,
}
