using LocalHessian.Parallel;

namespace LocalHessian.Optim;

/// <summary>
/// What an optimizer here is made of beside <see cref="ScaledSGD"/>: turns gradients and weights into one multiplier a for each
/// parameter, by which its decayed gradient is multiplied before momentum.
/// </summary>
/// <remarks>
/// A rule belongs to one optimizer, which disposes it. For rules that read a layer's own weight and gradient alone derive
/// from <see cref="LayerwiseRule"/>.
/// </remarks>
/// <example>
/// <code>
/// sealed class HalfOfVectors : MultiplierRule
/// {
///     public override Tensor Multipliers(IReadOnlyList&lt;ParameterUpdate&gt; updates) =&gt;
///         tensor(updates.Select(u =&gt; u.Parameter.dim() &gt; 1 ? 1.0 : 0.5).ToArray(), device: updates[0].Parameter.device);
/// }
/// using var optimizer = new ScaledSGD(new HalfOfVectors(), model, new ScaledSGDOptions { LearningRate = 0.1 });
/// </code>
/// </example>
public abstract class MultiplierRule : IDisposable
{
    /// <summary>
    /// Whether the multiplier of a parameter depends on its own weight and gradient alone. Then a large layer may move as
    /// soon as its multiplier is known, while it is in the cache, and <see cref="Multipliers"/> is asked for several parts of
    /// one step.
    /// </summary>
    /// <value>The default is false.</value>
    public virtual bool LayerByLayer => false;

    /// <summary>What changes the steps and must agree between who saves state and who loads it, by name.</summary>
    /// <value>The default is empty. Values are written in the invariant culture.</value>
    public virtual IEnumerable<(string Name, string Value)> Settings => [];

    /// <summary>The multipliers of the parameters that a step is about to move.</summary>
    /// <param name="updates">
    /// At least one, all on one device. Weights are as before the step; gradients must not be changed.
    /// </param>
    /// <returns>
    /// A float64 vector on the parameters' device, one element an update, in the same order; finite and not negative. It is
    /// called without gradients in a dispose scope of its own, to which the result may belong.
    /// </returns>
    public abstract Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates);

    /// <summary>Why a parameter may not be optimised by this rule, as a sentence that names it.</summary>
    /// <param name="parameter">A dense real floating-point parameter.</param>
    /// <param name="name">What messages call it: <c>'0.weight'</c>, or <c>of shape [3, 4]</c>.</param>
    /// <returns>The reason; null, the default, if it may.</returns>
    public virtual string? WhyRefused(Parameter parameter, string name) => null;

    /// <summary>Tells the rule of parameters that the optimizer has taken on, none of which it refused.</summary>
    /// <param name="parameters">A group's.</param>
    public virtual void Added(IReadOnlyList<Parameter> parameters) { }

    /// <summary>Writes what the rule must remember from step to step. The default writes nothing.</summary>
    /// <param name="writer">The writer; the container around it holds length and checksum.</param>
    public virtual void Save(BinaryWriter writer) { }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="reader">The reader.</param>
    /// <returns>
    /// What puts it to use. Nothing may change before it runs, and it cannot fail: so an error leaves the optimizer as it
    /// was.
    /// </returns>
    public virtual Action Load(BinaryReader reader) => () => { };

    /// <summary>
    /// The optimizer's ranks, with which what is measured is averaged at the step; and this one's weight among them.
    /// </summary>
    internal IRanks? Ranks { get; set; }

    internal double RankSamples { get; set; } = 1;

    /// <summary>Disposes what the rule owns.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes what the rule owns. The default owns nothing.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>Refuses updates whose weight is not finite, by name; worth asking where a gradient's norm is not. It waits for
    /// the device.</summary>
    /// <param name="updates">The updates.</param>
    /// <exception cref="NonFiniteException">A weight is not finite.</exception>
    protected internal static void ThrowUnlessWeightsFinite(IReadOnlyList<ParameterUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        using var norms = Norms.Of([.. updates.Select(u => u.Parameter)]);
        FiniteChecks.ThrowUnlessFinite(norms.ToNumbers(), i => updates[i].Name);
    }
}
