namespace Theory.Cli;

/// <summary>Wrong usage: printed without a stack trace, exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);
