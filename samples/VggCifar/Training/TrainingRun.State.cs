namespace VggCifar.Training;

internal sealed partial class TrainingRun
{
    /// <summary>Where the run stands, over all ranks.</summary>
    public RunState State()
    {
        _team.AverageStatistics(Network);
        var (sums, images) = _metric.Over(_team);
        return new RunState
        {
            History = [.. _history], Step = _step, Sums = sums, Images = images, Seconds = _step == 0 ? 0 : Seconds,
        };
    }

    /// <summary>Writes network and optimizer, as long as the run is not finished.</summary>
    public void Save(BinaryWriter writer)
    {
        if (Finished)
            return;
        Network.save(writer);
        _optimizer.save_state_dict(writer);
    }

    /// <summary>Goes on from a state of the same run, exactly as if it had never stopped, on any number of ranks.</summary>
    /// <param name="state">Where it stood.</param>
    /// <param name="reader">What <see cref="Save"/> wrote, on rank 0; null on the others.</param>
    public void Restore(RunState state, BinaryReader? reader)
    {
        _history.AddRange(state.History);
        (_step, _earlierSeconds) = (state.Step, state.Seconds);
        if (_team.Leads)
            _metric.Restore(state.Sums, state.Images);
        if (Finished)
            return;
        if (reader is not null)
        {
            Network.load(reader);
            _optimizer.load_state_dict(reader);
        }
        if (_team.Size > 1)
            ShareRestored();
    }

    private void ShareRestored()
    {
        _team.Share(Network);
        using var bytes = new MemoryStream();
        if (_team.Leads)
        {
            using var writer = new BinaryWriter(bytes, System.Text.Encoding.UTF8, leaveOpen: true);
            _optimizer.save_state_dict(writer);
        }
        var state = _team.Share(bytes.ToArray());
        if (_team.Leads)
            return;
        using var reader = new BinaryReader(new MemoryStream(state));
        _optimizer.load_state_dict(reader);
    }
}
