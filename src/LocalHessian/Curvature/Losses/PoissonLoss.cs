namespace LocalHessian;

/// <summary>e^f − y·f; the term log y! does not depend on f.</summary>
internal sealed class PoissonLoss : ElementwiseLoss
{
    private const int LargestCount = 1_000_000;

    internal override string Name => "The Poisson loss";

    internal override Tensor Sum(Tensor output, Tensor target) => (output.exp() - target * output).sum();

    protected override Tensor Mean(Tensor output) => output.exp();

    protected override Tensor Variance(Tensor output) => output.exp();

    // Adds up the probabilities of 0, 1, 2, …: y is how many partial sums are below u. The last ones no longer grow, in float64.
    protected override Tensor Draw(Tensor output, Tensor uniforms)
    {
        var rate = output.exp();
        Tensor logTerm = -rate, sum = logTerm.exp(), count = zeros_like(rate);
        for (var k = 1; k < LargestCount; k++)
        {
            var below = sum < uniforms;
            if (!below.any().item<bool>()) break;
            count = count + below.to(rate.dtype);
            logTerm = logTerm + output - Math.Log(k);
            var next = sum + logTerm.exp();
            if (next.Equals(sum) && (rate < k).all().item<bool>()) break;
            sum = next;
        }

        return count;
    }
}
