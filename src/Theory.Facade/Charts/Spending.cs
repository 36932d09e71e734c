namespace Theory.Api;

/// <summary>What the x-axis of a chart of runs counts.</summary>
public enum Spending
{
    /// <summary>Steps of the method.</summary>
    Steps,

    /// <summary>Communication rounds with a server; every step is one where a method names none.</summary>
    Rounds,

    /// <summary>Gradients or operator values in units of full ones: a component counts 1/n.</summary>
    Gradients,

    /// <summary>Floats from one worker to the server.</summary>
    Floats,

    /// <summary>Bits from one worker to the server.</summary>
    Bits,

    /// <summary>Exchanges with neighbours over a network.</summary>
    Gossip,

    /// <summary>Messages between the server and single clients.</summary>
    Messages,

    /// <summary>Local steps of one worker.</summary>
    LocalSteps,

    /// <summary>Samples of a chain or stream.</summary>
    Samples,

    /// <summary>Simulated seconds.</summary>
    Seconds,
}
