using LocalHessian.Blocks;

namespace LocalHessian.Monitoring;

/// <summary>
/// Watches the local Hessian of every block during training: its scales, its largest eigenvalue and condition number, and
/// how much of the block's back-matching loss a step removes.
/// </summary>
/// <remarks>
/// It works with any optimizer, and for any network that is a chain of composite blocks (<see cref="NetworkStructure"/>).
/// Between examinations it does nothing but call the optimizer's step. An examination runs the network twice on part of the
/// batch, in the mode it is in, and leaves no trace in it: statistics, gradients and the CPU random state are as before.
/// </remarks>
/// <example>
/// <code>
/// var monitor = new BlockMonitor(model, images, new CsvBlockLog("blocks.csv"));
/// loss.backward();
/// monitor.Step(optimizer, images, output => cross_entropy(output, labels.narrow(0, 0, output.shape[0]))); // in place of
/// optimizer.step()
/// </code>
/// </example>
public sealed class BlockMonitor
{
    private readonly NetworkStructure _blocks;
    private readonly MonitorOptions _options;
    private readonly IReadOnlyList<IBlockLog> _logs;
    private long _steps;

    /// <summary>Watches the default blocks of a network.</summary>
    /// <param name="network">The network, on its device.</param>
    /// <param name="exampleInput">A batch for finding blocks.</param>
    /// <param name="logs">Where readings go.</param>
    /// <exception cref="ArgumentException">The network is no chain of blocks; the message says why.</exception>
    public BlockMonitor(nn.Module<Tensor, Tensor> network, Tensor exampleInput, params IReadOnlyList<IBlockLog> logs)
        : this(NetworkStructure.Find(network, exampleInput ?? throw new ArgumentNullException(nameof(exampleInput))), null, logs)
    {
    }

    /// <summary>Watches blocks.</summary>
    /// <param name="blocks">The network and its blocks.</param>
    /// <param name="options">Interval and cost; null for the defaults.</param>
    /// <param name="logs">Where readings go.</param>
    /// <exception cref="ArgumentException">The network is no chain of blocks, or an option is out of range.</exception>
    public BlockMonitor(NetworkStructure blocks, MonitorOptions? options, params IReadOnlyList<IBlockLog> logs)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(logs);
        if (blocks.Blocks.Count == 0)
            throw new ArgumentException($"Blocks are watched one after the other. {blocks.About}", nameof(blocks));
        (_blocks, _options, _logs) = (blocks, options ?? new MonitorOptions(), logs);
        _options.Validate();
        _steps = _options.StepsBefore;
    }

    /// <summary>The last examination's readings, in the order in which blocks run; empty before the first.</summary>
    public IReadOnlyList<BlockReading> Latest { get; private set; } = [];

    /// <summary>Whether the next call of Step examines the blocks.</summary>
    public bool Due => _steps % _options.Interval == 0;

    /// <summary>Calls the optimizer's step, and where it is time examines the blocks before and after.</summary>
    /// <param name="optimizer">Any optimizer of the network. Gradients have been computed.</param>
    /// <param name="input">The batch.</param>
    /// <param name="loss">
    /// From the network's output to the scalar training loss. The output is that of the batch's first samples only
    /// (<see cref="MonitorOptions.Samples"/>): shorten the labels to its first dimension, or use the overload that does.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The loss does not take the output of part of the batch, or is no finite scalar. The step has not been taken.
    /// </exception>
    public void Step(optim.Optimizer optimizer, Tensor input, Func<Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(input);
        Step(optimizer, Single(input), loss);
    }

    /// <summary>The same with labels, of which the loss gets those of the samples that are examined.</summary>
    /// <param name="optimizer">Any optimizer of the network. Gradients have been computed.</param>
    /// <param name="input">The batch.</param>
    /// <param name="target">The batch's labels, batch dimension first.</param>
    /// <param name="loss">From output and labels to the scalar training loss.</param>
    public void Step(optim.Optimizer optimizer, Tensor input, Tensor target, Func<Tensor, Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(loss);
        Step(optimizer, Single(input), output => loss(output, target.narrow(0, 0, output.shape[0])));
    }

    /// <summary>
    /// The same for a network that is called in any way; one that a function calls is examined on all that it reads.
    /// </summary>
    /// <param name="optimizer">Any optimizer of the network. Gradients have been computed.</param>
    /// <param name="call">The network and its inputs.</param>
    /// <param name="loss">As in the first overload.</param>
    public void Step(optim.Optimizer optimizer, NetworkCall call, Func<Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(loss);
        if (!Due)
        {
            _steps++;
            optimizer.step();
            return;
        }

        using var scope = NewDisposeScope();
        using var examination = new Examination(_blocks, _options, _steps + 1, call.First(_options.Samples) ?? call, loss);
        optimizer.step();
        _steps++;
        Latest = examination.After(optimizer);
        foreach (var log in _logs) log.Write(Latest);
    }

    private NetworkCall Single(Tensor input) => _blocks.Network is nn.Module<Tensor, Tensor> network
        ? NetworkCall.Of(network, input)
        : throw new ArgumentException("The network does not map one tensor to one tensor: give a NetworkCall.", nameof(input));
}
