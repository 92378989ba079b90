using VggCifar.Data;
using VggCifar.Ranks;
using VggCifar.Reporting;

namespace VggCifar.Training;

/// <summary>Runs of the grid, one after the other, each from its checkpoint where there is one.</summary>
/// <param name="settings">The settings, whose grid may hold more.</param>
/// <param name="runs">Which of its runs.</param>
/// <param name="folder">Where rank 0 keeps them; null on the other ranks.</param>
/// <param name="data">The data.</param>
/// <param name="display">Shows how it goes on.</param>
/// <param name="stop">Asked before each step, by all ranks, which get the same answer.</param>
/// <param name="blocks">Records of blocks; null for none.</param>
/// <param name="team">The ranks; null for this process alone.</param>
internal sealed class Experiment(
    Settings settings, IReadOnlyList<RunName> runs, RunFolder? folder, DataSet data, IDisplay display, Func<bool> stop,
    BlockRecords? blocks = null, Team? team = null)
{
    private readonly List<RunResult> _results = [];
    private readonly string _settings = settings.Hash();
    private readonly Team _team = team ?? Team.Alone;

    public IReadOnlyList<RunResult> Results => _results;

    /// <summary>Called after each epoch of each run.</summary>
    public event Action<RunResult>? EpochDone;

    /// <summary>Trains what is not yet trained. False: stopped, and all that is needed to go on is in the folder.</summary>
    public bool Run()
    {
        using var normalization = Normalization.Of(data.Train.Images);
        return runs.All(name => Train(name, normalization));
    }

    private bool Train(RunName name, Normalization normalization)
    {
        using var run = new TrainingRun(settings, name.Spec, name.Seed, data, normalization, _team);
        var before = Restore(name, run);
        if (blocks is not null && !run.Finished)
            run.Watch(blocks.Options(run.StepsDone), blocks.Logs(name, before?.Records));
        var result = new RunResult(name, run.History);
        _results.Add(result);
        display.RunStarted(name, run.History.Count, run.Finished);
        while (!run.Finished)
        {
            var whole = run.TrainEpoch(display, stop);
            var state = run.State();
            if (folder is not null)
                Save(folder, name, run, state, before);
            if (!whole)
                return false;
            folder?.WriteEpochs(settings, _results);
            display.Epoch(run.History[^1]);
            EpochDone?.Invoke(result);
            blocks?.Draw(name);
        }
        return true;
    }

    private void Save(RunFolder into, RunName name, TrainingRun run, RunState state, RunState? before)
    {
        // Before the last checkpoint, which no longer holds the network: a kill in between repeats the epoch.
        var network = run.Finished && settings.Seeds.Count * settings.Grid.Count == 1 ? into.SaveNetwork(run.Network) : null;
        var records = blocks is null ? before?.Records : blocks.Written(name);
        into.Save(name, _settings, state with { Network = network, Records = records }, run.Save);
    }

    private RunState? Restore(RunName name, TrainingRun run)
    {
        using var checkpoint = folder?.Load(name, _settings);
        var text = _team.Share(checkpoint is null ? "" : Json.Write(checkpoint.State));
        if (text is "")
            return null;
        var state = checkpoint?.State ?? Json.Read<RunState>(text);
        run.Restore(state, checkpoint?.Content);
        if (state.Network is { } hash)
            folder?.CheckNetwork(name, hash);
        return state;
    }
}
