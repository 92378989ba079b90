namespace VggCifar;

/// <summary>
/// Something the user can mend: a wrong option, a damaged file, a missing device. The program prints the message as one
/// sentence and ends with exit code 2.
/// </summary>
internal sealed class UserError(string message) : Exception(message);
