namespace Theory.Cli.Doctor;

/// <summary>One thing that the machine has or lacks.</summary>
/// <param name="Name">What was looked for.</param>
/// <param name="Ok">Whether it is there.</param>
/// <param name="Required">Whether everything needs it.</param>
/// <param name="Found">What was found, or what is wrong.</param>
/// <param name="NeededFor">What needs it.</param>
/// <param name="Install">The command that brings it; null where there is none.</param>
internal sealed record Check(string Name, bool Ok, bool Required, string Found, string NeededFor, string? Install);
