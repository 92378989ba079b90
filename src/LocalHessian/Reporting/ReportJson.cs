using System.Text.Json.Serialization;

namespace LocalHessian.Reporting;

/// <summary>The report's JSON without reflection, which trimmed, compiled-ahead and file-based programs do not have.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(FiniteOrNull)])]
[JsonSerializable(typeof(NetworkReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
