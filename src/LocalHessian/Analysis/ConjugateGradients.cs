using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary><c>gᵀH⁺g</c> by conjugate gradients from zero; for g in the range of a semi-definite H they stay in that range.</summary>
internal static class ConjugateGradients
{
    public static SignalEfficiency Efficiency(SymmetricOperator h, Tensor g, double loss, double step, double? tolerance, int maxIterations)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var squared = Dot(g, g);
        if (squared == 0) return new(loss, 0, 0, 0, 0, true);
        var limit = (tolerance ?? Math.Sqrt(Precision.Epsilon(g.dtype))) * Math.Sqrt(squared);
        var (r, p) = (g.clone(), g.clone());
        var (rr, twiceBest, curvature, first) = (squared, 0.0, 0.0, 0.0);
        var iteration = 0;
        for (; iteration < maxIterations && Math.Sqrt(rr) > limit; iteration++)
        {
            using var inner = NewDisposeScope();
            var hp = h.Apply(p);
            var php = Dot(p, hp);
            if (iteration == 0) first = php;
            if (php <= 0)
            {
                // Below round-off of the curvature seen, H is flat along p; clearly below zero, the model has no minimum.
                if (php < -1e3 * Precision.Epsilon(g.dtype) * curvature * Dot(p, p)) twiceBest = double.PositiveInfinity;
                break;
            }

            curvature = Math.Max(curvature, php / Dot(p, p));
            // rᵀx grows by α·(rᵀr): with x₀ = 0, gᵀx_k = Σ α rᵀr.
            var alpha = rr / php;
            twiceBest += alpha * rr;
            r.sub_(alpha * hp);
            var next = Dot(r, r);
            p.mul_(next / rr).add_(r);
            rr = next;
        }

        return new(
            loss, step * squared - step * step * first / 2, squared * squared / first / 2, twiceBest / 2, iteration, Math.Sqrt(rr) <= limit);
    }

    private static double Dot(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return a.to(ScalarType.Float64).dot(b.to(ScalarType.Float64)).item<double>();
    }
}
