using LocalHessian.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Monitoring;

/// <summary>
/// Watches the local Hessian of every block during training: its factors, its largest eigenvalue and condition number, and how much of the
/// block's back-matching loss a step removes.
/// </summary>
/// <remarks>
/// It works with any optimizer, and for any network that is a chain of composite blocks (<see cref="BlockSet"/>). Between looks it does
/// nothing but call the optimizer's step. A look runs the network twice on part of the batch, in the mode it is in, and leaves
/// no trace in it: statistics, gradients and the CPU random state are as before.
/// </remarks>
/// <example>
/// <code>
/// var monitor = new BlockMonitor(model, images, new CsvBlockLog("blocks.csv"));
/// loss.backward();
/// monitor.Step(optimizer, images, output => cross_entropy(output, labels.narrow(0, 0, output.shape[0])));   // in place of optimizer.step()
/// </code>
/// </example>
public sealed class BlockMonitor
{
    private readonly BlockSet _blocks;
    private readonly MonitorOptions _options;
    private readonly IReadOnlyList<IBlockLog> _logs;
    private long _steps;

    /// <summary>Watches the default blocks of a network.</summary>
    /// <param name="network">The network, on its device.</param>
    /// <param name="exampleInput">A batch for finding blocks.</param>
    /// <param name="logs">Where readings go.</param>
    /// <exception cref="ArgumentException">The network is no chain of blocks; the message says why.</exception>
    public BlockMonitor(nn.Module<Tensor, Tensor> network, Tensor exampleInput, params IReadOnlyList<IBlockLog> logs)
        : this(BlockSet.Find(network, exampleInput ?? throw new ArgumentNullException(nameof(exampleInput))), null, logs)
    {
    }

    /// <summary>Watches blocks.</summary>
    /// <param name="blocks">The network and its blocks.</param>
    /// <param name="options">Interval and cost; null for the defaults.</param>
    /// <param name="logs">Where readings go.</param>
    /// <exception cref="ArgumentException">The network is no chain of blocks, or an option is out of range.</exception>
    public BlockMonitor(BlockSet blocks, MonitorOptions? options, params IReadOnlyList<IBlockLog> logs)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(logs);
        if (blocks.WhyNoBlocks is { } why) throw new ArgumentException($"Blocks are watched one after the other, in a chain. {why}", nameof(blocks));
        (_blocks, _options, _logs) = (blocks, options ?? new MonitorOptions(), logs);
        _options.Check();
        _steps = _options.StepsBefore;
    }

    /// <summary>The last look's readings, in the order in which blocks run; empty before the first.</summary>
    public IReadOnlyList<BlockReading> Latest { get; private set; } = [];

    /// <summary>Whether the next call of <see cref="Step"/> looks.</summary>
    public bool Due => _steps % _options.Interval == 0;

    /// <summary>Calls the optimizer's step, and where it is time looks at the blocks before and after.</summary>
    /// <param name="optimizer">Any optimizer of the network. Gradients have been computed.</param>
    /// <param name="input">The batch.</param>
    /// <param name="loss">
    /// From the network's output to the scalar training loss. The output is that of the batch's first samples only
    /// (<see cref="MonitorOptions.Samples"/>): shorten the labels to its first dimension.
    /// </param>
    public void Step(optim.Optimizer optimizer, Tensor input, Func<Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(loss);
        if (!Due)
        {
            _steps++;
            optimizer.step();
            return;
        }

        using var scope = NewDisposeScope();
        using var look = new Look(_blocks, _options, ++_steps, input.narrow(0, 0, Math.Min(_options.Samples, input.shape[0])), loss);
        optimizer.step();
        Latest = look.After(optimizer);
        foreach (var log in _logs) log.Write(Latest);
    }
}
