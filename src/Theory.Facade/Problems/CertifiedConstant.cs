using Microsoft.FSharp.Core;

namespace Theory.Api;

/// <summary>A constant of an instance with its certificate: how it was computed, and a second computation on another
/// way. Nobody types a constant in.</summary>
public sealed class CertifiedConstant
{
    private readonly Core.Constant constant;

    internal CertifiedConstant(Core.Constant constant) => this.constant = constant;

    /// <summary>The field's symbol: L, mu, omega, delta.</summary>
    public string Symbol => constant.Symbol;

    /// <summary>The stored value.</summary>
    public double Value => constant.Value;

    /// <summary>How the stored value relates to the true one.</summary>
    public Certainty Certainty => Cases<Core.Certainty, Certainty>.Of(constant.Certainty);

    /// <summary>How the value was computed.</summary>
    public string Certificate => constant.Certificate;

    /// <summary>An exact constant; the second computation must agree to a relative 1e-8.</summary>
    public static CertifiedConstant Exact(string symbol, string certificate, double value, Func<double> recompute) =>
        new(Core.ConstantModule.exact(Check.Text(symbol), Check.Text(certificate), value, Second(recompute)));

    /// <summary>A constant known from above; the second computation must not exceed it.</summary>
    public static CertifiedConstant Upper(string symbol, string certificate, double value, Func<double> recompute) =>
        new(Core.ConstantModule.upper(Check.Text(symbol), Check.Text(certificate), value, Second(recompute)));

    /// <summary>A constant known from below; the second computation must not fall under it.</summary>
    public static CertifiedConstant Lower(string symbol, string certificate, double value, Func<double> recompute) =>
        new(Core.ConstantModule.lower(Check.Text(symbol), Check.Text(certificate), value, Second(recompute)));

    /// <summary>Whether the second computation agrees; when it does not, <paramref name="failure"/> says what it found.</summary>
    public bool TryCheck(out string? failure)
    {
        FSharpResult<Unit, string> result = Core.ConstantModule.check(constant);
        failure = result.IsError ? result.ErrorValue : null;
        return failure is null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Symbol} = {Value:G8} ({Certificate})";

    internal Core.Constant ToCore() => constant;

    private static FSharpFunc<Unit, double> Second(Func<double> recompute) => FuncConvert.FromFunc(Check.NotNull(recompute));
}
