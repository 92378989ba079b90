using VggCifar.Data;
using VggCifar.Reporting;

namespace VggCifar.Training;

/// <summary>Every cell of the grid for every seed, one after the other, each from its checkpoint where there is one.</summary>
internal sealed class Experiment(Settings settings, RunFolder folder, DataSet data, IDisplay display, Func<bool> stop, BlockRecords? blocks = null)
{
    private readonly List<RunResult> _results = [];
    private readonly string _settings = settings.Hash();

    public IReadOnlyList<RunResult> Results => _results;

    /// <summary>Called after each epoch of each run.</summary>
    public event Action<RunResult>? EpochDone;

    /// <summary>Trains what is not yet trained. False: stopped, and all that is needed to go on is in the folder.</summary>
    public bool Run()
    {
        using var normalization = Normalization.Of(data.Train.Images);
        foreach (var seed in settings.Seeds)
            foreach (var spec in settings.Grid)
            {
                if (!Train(new RunName(spec, seed), normalization))
                    return false;
            }
        return true;
    }

    private bool Train(RunName name, Normalization normalization)
    {
        using var run = new TrainingRun(settings, name.Spec, name.Seed, data, normalization);
        var before = Restore(name, run);
        if (blocks is not null && !run.Finished)
            run.Watch(blocks.Options(run.StepsDone), blocks.Logs(name, before?.Records));
        var result = new RunResult(name, run.History);
        _results.Add(result);
        display.RunStarted(name, run.History.Count, run.Finished);
        while (!run.Finished)
        {
            var whole = run.TrainEpoch(display, stop);
            // Before the last checkpoint, which no longer holds the network: a kill in between repeats the epoch.
            var network = run.Finished && settings.Seeds.Count * settings.Grid.Count == 1 ? folder.SaveNetwork(run.Network) : null;
            var state = run.State with { Network = network, Records = blocks is null ? before?.Records : blocks.Written(name) };
            folder.Save(name, _settings, state, run.Save);
            if (!whole)
                return false;
            folder.WriteEpochs(settings, _results);
            display.Epoch(run.History[^1]);
            EpochDone?.Invoke(result);
            blocks?.Draw(name);
        }
        return true;
    }

    private RunState? Restore(RunName name, TrainingRun run)
    {
        using var checkpoint = folder.Load(name, _settings);
        if (checkpoint is null)
            return null;
        run.Restore(checkpoint.State, checkpoint.Content);
        if (checkpoint.State.Network is { } hash)
            folder.CheckNetwork(name, hash);
        return checkpoint.State;
    }
}
