namespace LocalHessian;

/// <summary>
/// The curvature of a network's objective over a data set, <c>J(θ) = (1/N) Σ_i ℓ(f(x_i; θ), y_i)</c>: Hessian, Gauss-Newton and
/// Fisher matrices as operators over the chosen parameters θ, gradient, K-FAC (MATH §9).
/// </summary>
/// <remarks>
/// <para>Over data in batches every result is that of one big batch, whatever the batch size and with an unequal last batch:
/// samples are what is weighted. Memory is that of one batch and of the vectors. A product of several vectors at once evaluates
/// the network once a batch; one single batch is evaluated once for all products, and its graph is kept until disposal.</para>
/// <para>The network runs in the mode it is in and stays as it is: statistics, flags, gradients, the CPU's random state. In
/// training mode batch norm sees the batches as given, so the batches' sizes matter; dropout's masks are those of
/// <see cref="CurvatureOptions.Seed"/>. What needs the gradients of single samples (empirical Fisher, gradient covariance,
/// K-FAC) is refused while a batch norm takes the statistics of its batch: a sample has then no gradient of its own.</para>
/// <para>A parameter that the loss does not depend on has zero rows and columns. A tied parameter is one parameter, under its
/// first name; a layer called several times is differentiated through all its calls.</para>
/// <para>It describes the weights as they are at the product; for a single batch as they were at the first one, and a change of
/// them in place (an optimizer's step) is an error when noticed: make a new one then. Instances are not thread-safe. Operators
/// borrow from this object and throw <see cref="ObjectDisposedException"/> once it is disposed.</para>
/// </remarks>
public sealed partial class NetworkCurvature : IDisposable
{
    private readonly RecordedData _data;
    private readonly CurvatureOptions _options;

    /// <summary>Looks at a network, a loss and data; nothing is computed yet.</summary>
    /// <param name="network">The network, in the mode it is in.</param>
    /// <param name="loss">ℓ, on a row of the output and its target.</param>
    /// <param name="data">One batch, or batches that can be enumerated again.</param>
    /// <param name="options">Parameters, reduction, call, check, seed; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// No parameter is chosen, one is chosen twice, they differ in dtype or device; it is not known how to call the network.
    /// </exception>
    public NetworkCurvature(nn.Module network, CurvatureLoss loss, CurvatureData data, CurvatureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(data);
        NativeHeap.KeepFreed();
        _options = options ?? new();
        var theta = ParameterSelection.Choose(network, _options.Parameters, _options.Where);
        var call = _options.Forward ?? NetworkForward.ByType(network) ?? throw new ArgumentException(
            $"A {network.GetType().Name} is called neither with one to three tensors nor with a tuple of two: say how with "
            + "CurvatureOptions.Forward.", nameof(network));
        _data = new(new(network, call), loss, new(data, _options.CheckData), theta, _options);
    }

    private NetworkCurvature(RecordedData data, CurvatureOptions options) => (_data, _options) = (data, options);

    /// <summary>The chosen parameters in the order of θ.</summary>
    public IReadOnlyList<CurvatureParameter> Parameters => _data.Theta.Parameters;

    /// <summary>Entries of θ.</summary>
    public long Size => _data.Theta.Size;

    /// <summary>The curvature with respect to one layer's parameters, or to a single parameter, over the same data.</summary>
    /// <param name="name">The parameter's name, or that of a module for all that is below it.</param>
    /// <exception cref="ArgumentException">None of the chosen parameters is meant.</exception>
    public NetworkCurvature Restrict(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Restrict(parameter => NetworkParts.IsWithin(parameter, name));
    }

    /// <summary>
    /// The curvature with respect to some of the parameters, over the same data. It is a block of this one's matrices.
    /// </summary>
    /// <param name="where">Chooses by name.</param>
    /// <returns>An object of its own, to be disposed.</returns>
    /// <exception cref="ArgumentException">None of the chosen parameters is meant.</exception>
    public NetworkCurvature Restrict(Func<string, bool> where)
    {
        ArgumentNullException.ThrowIfNull(where);
        return new(_data.With(_data.Theta.Where(where)), _options);
    }

    /// <summary>J at the data: mean or sum.</summary>
    /// <exception cref="UnrepeatableDataException">The data change from one enumeration to the next.</exception>
    public double Loss(CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var sum = 0.0;
        var samples = _data.ForEach(record => sum += record.LossSum.ToNumber(), cancellationToken);
        return sum * _data.Weight(samples);
    }

    /// <summary>∂J/∂θ as a vector <c>(n)</c>.</summary>
    /// <exception cref="UnrepeatableDataException">The data change from one enumeration to the next.</exception>
    public Tensor Gradient(CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        var (sum, samples) = GradientSum(cancellationToken);
        return sum.mul_(_data.Weight(samples)).MoveToOuterDisposeScope();
    }

    /// <summary>‖∂J/∂θ‖₂.</summary>
    /// <exception cref="UnrepeatableDataException">The data change from one enumeration to the next.</exception>
    public double GradientNorm(CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        return Gradient(cancellationToken).to(ScalarType.Float64).norm().item<double>();
    }

    /// <summary>
    /// A vector <c>(n)</c> as a tensor of the parameter's shape for each of <see cref="Parameters"/>: views of it.
    /// </summary>
    /// <exception cref="ArgumentException">The vector has another length.</exception>
    public IReadOnlyList<Tensor> Split(Tensor vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        if (vector.dim() != 1 || vector.shape[0] != Size)
            throw new ArgumentException(
                $"A vector of shape [{Size}] is needed, not {Describe.Shape(vector)}.", nameof(vector));
        using var scope = NewDisposeScope();
        return [.. _data.Theta.Split(vector).Select(part => part.MoveToOuterDisposeScope())];
    }

    /// <summary>Releases the graph of a single batch. Network and data are the caller's.</summary>
    public void Dispose() => _data.Dispose();

    private (Tensor Sum, long Samples) GradientSum(CancellationToken cancellation)
    {
        var sum = zeros(Size, _data.Theta.Leaves[0].dtype, _data.Theta.Leaves[0].device);
        var all = Enumerable.Range(0, Parameters.Count).ToArray();
        var samples = _data.ForEach(
            record =>
            {
                using var scope = NewDisposeScope();
                _data.Theta.AddTo(sum, all, record.Gradient());
            },
            cancellation);
        return (sum, samples);
    }
}
