using System.Diagnostics;
using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using TorchSharp;
using TorchSharp.Modules;
using VggCifar.Data;
using VggCifar.Model;
using VggCifar.Ranks;
using VggCifar.Reporting;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>One network trained by one optimizer from one seed; can be stopped after any step and gone on with.</summary>
internal sealed partial class TrainingRun : IDisposable
{
    private readonly Settings _settings;
    private readonly OptimizerSpec _spec;
    private readonly long _seed;
    private readonly DataSet _data;
    private readonly Normalization _normalization;
    private readonly Augmentation _augmentation;
    private readonly OptimizerHelper _optimizer;
    private readonly Metric _metric;
    private readonly List<EpochRecord> _history = [];
    private readonly Stopwatch _clock = new();
    private readonly Tensor _example;
    private readonly Team _team;
    private BlockMonitor? _monitor;
    private double _earlierSeconds;
    private int _step;

    public TrainingRun(
        Settings settings, OptimizerSpec spec, long seed, DataSet data, Normalization normalization, Team? team = null)
    {
        _team = team ?? Team.Alone;
        (_settings, _spec, _seed, _data, _normalization) = (settings, spec, seed, data, normalization);
        _augmentation = Augmentation.All.Single(a => a.Name == settings.Augment);
        using var scope = NewDisposeScope();
        var device = data.Train.Images.device;
        var together = settings.SyncBatchNorm ? _team.Ranks : null;
        Network = Networks.Create(settings.Network, settings.Width, data.Classes, together);
        InitialWeights.Draw(Network, seed, settings.InitScale);
        Network.to(device);
        Network.train();
        var example = normalization.Apply_(data.Train.Images.slice(0, 0, Math.Min(2, data.Train.Count), 1).to(float32));
        _example = MemoryLayout.Of(example, settings.MemoryFormat).DetachFromDisposeScope();
        _optimizer = OptimizerFactory.Create(spec, settings, Network, _example);
        _metric = new Metric(device);
        Join();
        scope.Detach(Network.parameters());
        scope.Detach(Network.buffers());
    }

    public nn.Module<Tensor, Tensor> Network { get; }
    public IReadOnlyList<EpochRecord> History => _history;
    public bool Finished => _history.Count >= _settings.Epochs || _history.Any(record => record.Diverged);
    private double Seconds => _earlierSeconds + _clock.Elapsed.TotalSeconds;

    /// <summary>Steps taken so far.</summary>
    public long StepsDone => _history.Count * ((_data.Train.Count + _settings.BatchSize - 1) / _settings.BatchSize) + _step;

    /// <summary>Looks at the local Hessian of each block from now on.</summary>
    public void Watch(MonitorOptions options, IReadOnlyList<IBlockLog> logs) =>
        _monitor = new BlockMonitor(NetworkStructure.Find(Network, _example), options, logs);

    /// <summary>
    /// Trains one epoch to its end, then measures test accuracy. False: stopped in between, after a whole step.
    /// </summary>
    public bool TrainEpoch(IDisplay display, Func<bool> stop)
    {
        var rate = RateSchedule.Next(_spec, _settings, _history);
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = rate;
        using var batches = new EpochBatches(
            _data.Train, _normalization, _augmentation, _settings.BatchSize, _seed, _history.Count, _settings.MemoryFormat,
            _team.Rows);
        _clock.Restart();
        while (_step < batches.Count)
        {
            if (stop())
                return false;
            if (!Step(batches))
                break;
            if (display.WantsStep)
                display.Step(Status(rate, batches.Count));
        }
        Finish(rate);
        return true;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _metric.Dispose();
        _example.Dispose();
        Network.Dispose();
    }

    /// <summary>False: training has left the finite numbers, and the epoch ends as diverged.</summary>
    private bool Step(EpochBatches batches)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = batches[_step];
        _optimizer.zero_grad();
        var output = Forward(images);
        var loss = nn.functional.cross_entropy(output, labels);
        loss.backward();
        _metric.Add(loss, output, labels);
        Average(labels.shape[0]);
        try
        {
            // A loss that is not finite has nothing to examine: the epoch ends as diverged, with or without a monitor.
            if (_monitor is null || (_monitor.Due && !float.IsFinite(loss.item<float>())))
                _optimizer.step();
            else
                _monitor.Step(_optimizer, images, part => nn.functional.cross_entropy(part, labels.narrow(0, 0, part.shape[0])));
        }
        catch (NonFiniteException)
        {
            _metric.Restore([double.NaN, _metric.Sums()[1]], _metric.Images);
            return false;
        }
        _step++;
        return true;
    }

    // Only the network's own call shows the optimizer its output.
    private Tensor Forward(Tensor images)
    {
        if (_settings.Dtype == "float32") return Network.call(images);
        var output = LowerPrecision.BFloat16(Network, images);
        // A rank without rows has nothing to measure.
        if (images.shape[0] > 0 && _optimizer is ScaleAmendedSGD { RefreshDue: true } measured) measured.Refresh(output);
        return output;
    }

    private void Finish(double rate)
    {
        var (sums, images) = _metric.Over(_team);
        var seconds = Seconds;
        _team.AverageStatistics(Network);
        var (testLoss, testAccuracy) =
            Evaluation.Of(Network, _data.Test, _normalization, memoryFormat: _settings.MemoryFormat, team: _team);
        _history.Add(new EpochRecord(
            _history.Count + 1, rate, sums[0] / images, sums[1] / images, testLoss, testAccuracy, images / seconds, seconds));
        _metric.Restore([0, 0], 0);
        (_step, _earlierSeconds) = (0, 0);
    }

    private StepStatus Status(double rate, int steps)
    {
        var (loss, accuracy) = _metric.Read();
        return new StepStatus(_history.Count + 1, _step, steps, rate, loss, accuracy, _metric.Images / Seconds);
    }
}
