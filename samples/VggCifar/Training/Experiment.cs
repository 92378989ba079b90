using VggCifar.Data;
using VggCifar.Reporting;

namespace VggCifar.Training;

/// <summary>Every cell of the grid for every seed, one after the other, each from its checkpoint where there is one.</summary>
internal sealed class Experiment(Settings settings, RunFolder folder, DataSet data, IDisplay display, Func<bool> stop, BlockRecords? blocks = null)
{
    private readonly List<RunResult> _results = [];

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
        var checkpoint = folder.Load(name);
        using var run = new TrainingRun(settings, name.Spec, name.Seed, data, normalization);
        if (checkpoint is not null)
            run.Restore(checkpoint);
        if (blocks is not null && !run.Finished)
            run.Watch(blocks.Options(run.StepsDone), blocks.Logs(name, run.StepsDone));
        var result = new RunResult(name, run.History);
        _results.Add(result);
        display.RunStarted(name, run.History.Count, run.Finished);
        while (!run.Finished)
        {
            var whole = run.TrainEpoch(display, stop);
            // Before the last checkpoint, which no longer holds the network: a kill in between repeats the epoch.
            if (run.Finished && settings.Seeds.Count * settings.Grid.Count == 1)
                folder.SaveNetwork(run.Network);
            folder.Save(name, run.Save(name.Id));
            if (!whole)
                return false;
            folder.WriteEpochs(settings, _results);
            display.Epoch(run.History[^1]);
            EpochDone?.Invoke(result);
            blocks?.Draw(name);
        }
        return true;
    }
}
