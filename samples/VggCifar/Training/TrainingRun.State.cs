namespace VggCifar.Training;

internal sealed partial class TrainingRun
{
    /// <summary>Where the run stands.</summary>
    public RunState State => new()
    {
        History = [.. _history],
        Step = _step,
        Sums = _metric.Sums(),
        Images = _metric.Images,
        Seconds = _step == 0 ? 0 : Seconds,
    };

    /// <summary>Writes network and optimizer, as long as the run is not finished.</summary>
    public void Save(BinaryWriter writer)
    {
        if (Finished)
            return;
        Network.save(writer);
        _optimizer.save_state_dict(writer);
    }

    /// <summary>Goes on from a state of the same run, exactly as if it had never stopped.</summary>
    public void Restore(RunState state, BinaryReader reader)
    {
        _history.AddRange(state.History);
        (_step, _earlierSeconds) = (state.Step, state.Seconds);
        _metric.Restore(state.Sums, state.Images);
        if (Finished)
            return;
        Network.load(reader);
        _optimizer.load_state_dict(reader);
    }
}
