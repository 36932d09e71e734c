namespace Theory.Api;

/// <summary>A method with parameters and problem filled in: a random map of its state, as data; what evidence is about.</summary>
/// <typeparam name="TState">The method's state.</typeparam>
/// <typeparam name="TDraw">What it draws each step.</typeparam>
public sealed class Process<TState, TDraw>
    where TState : class
{
    internal Process(Core.Process<TState, TDraw> core) => ToCore = core;

    /// <summary>Name of the method.</summary>
    public string Name => ToCore.Name;

    /// <summary>What is drawn each step.</summary>
    public Draw<TDraw> Draw => new(ToCore.Draw);

    internal Core.Process<TState, TDraw> ToCore { get; }

    /// <summary>The state after one step with this outcome.</summary>
    public TState Step(TDraw outcome, TState state) => ToCore.Step.Invoke(outcome).Invoke(Check.NotNull(state));
}
