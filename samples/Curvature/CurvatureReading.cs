namespace CurvatureStudy;

/// <summary>The curvature at one step of a run.</summary>
/// <param name="Step">Steps taken so far.</param>
/// <param name="Loss">The training loss.</param>
/// <param name="Sharpness">The Hessian's largest eigenvalue.</param>
/// <param name="Amended">
/// The same of √a H √a, with the multiplier a of each block's gradient: what the rate has to do with. Null without multipliers.
/// </param>
/// <param name="Trace">The Hessian's trace, with its standard error.</param>
/// <param name="TraceError">That error.</param>
/// <param name="Share">
/// Part of the squared gradient in the eigenvectors of the largest eigenvalues, as many as there are classes.
/// </param>
/// <param name="Accuracy">Share of the training images that are classified rightly.</param>
internal sealed record CurvatureReading(
    int Step, double Loss, double Sharpness, double? Amended, double Trace, double TraceError, double Share, double Accuracy);
