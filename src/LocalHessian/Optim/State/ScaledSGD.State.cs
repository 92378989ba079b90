using System.Text;

namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    /// <summary>
    /// Saves options, momentum and, with measured scales, the measurements: an optimizer built alike that loads them
    /// continues bit for bit. Written whole or not at all; a file that was there before survives any error and a kill.
    /// </summary>
    /// <remarks>
    /// Save between steps, not between a forward pass and its step. Through a variable of a base type TorchSharp's own method
    /// runs: it stores the same, checked in the same way, but overwrites the file in place.
    /// </remarks>
    /// <param name="location">Name of the file.</param>
    /// <exception cref="IOException">The file cannot be written: no such folder, no space left.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is read-only.</exception>
    /// <exception cref="ArgumentException">An option of a group is out of range.</exception>
    public new void save_state_dict(string location)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        var (description, tensors) = Saved();
        AtomicFile.Write(location, stream => StateFile.Write(stream, description.Encode(), tensors));
    }

    /// <summary>
    /// Saves the same into a stream, for a larger file. Its length is written with it, so that more can follow.
    /// </summary>
    /// <param name="writer">The writer.</param>
    /// <exception cref="ArgumentException">An option of a group is out of range.</exception>
    public new void save_state_dict(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var (description, tensors) = Saved();
        writer.Flush();
        StateFile.Write(writer.BaseStream, description.Encode(), tensors);
    }

    /// <summary>
    /// Loads what <see cref="save_state_dict(string)"/> wrote, before or after the first step, onto the device of the
    /// parameters. After an error the optimizer is exactly as before.
    /// </summary>
    /// <remarks>
    /// The optimizer must be of the same class, with the same parameters in the same groups and the same settings
    /// (<see cref="Scaling.ScalingOptions"/>, form of LARS); rates, decays and momenta come from the file. Momentum of
    /// another precision is converted to that of its parameter, as in PyTorch. Names are compared where both sides know them.
    /// Every format version up to the library's own is read, newer ones are refused.
    /// </remarks>
    /// <param name="location">Name of the file.</param>
    /// <exception cref="StateFileException">
    /// The file is damaged, of another optimizer, architecture or setting, or of a newer format.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public new void load_state_dict(string location)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        using var alone = ThrowUnlessAlone();
        ThrowIfDead();
        using var stream = File.OpenRead(location);
        Load(stream, mustEnd: true);
    }

    /// <summary>Loads from a stream, which afterwards stands behind the state.</summary>
    /// <param name="reader">The reader.</param>
    /// <exception cref="StateFileException">
    /// The content is damaged, of another optimizer, architecture or setting, or of a newer format.
    /// </exception>
    public new void load_state_dict(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using var alone = ThrowUnlessAlone();
        ThrowIfDead();
        Load(reader.BaseStream, mustEnd: false);
    }

    /// <summary>
    /// Takes options and momentum from another optimizer with the same groups, TorchSharp's SGD included. Buffers are copied.
    /// After an error the optimizer is exactly as before. Momentum of another precision is converted. Measured scales are not
    /// part of a dictionary.
    /// </summary>
    /// <param name="state_dict">What <c>state_dict()</c> returned.</param>
    /// <exception cref="ArgumentException">Groups or shapes differ, or an option is out of range.</exception>
    public override void load_state_dict(StateDictionary state_dict)
    {
        ArgumentNullException.ThrowIfNull(state_dict);
        using var alone = ThrowUnlessAlone();
        using var scope = NewDisposeScope();
        var own = this.state_dict();
        if (!own.StateIndexRef.Select(g => g.Count).SequenceEqual(state_dict.StateIndexRef.Select(g => g.Count))
            || own.State.Count != state_dict.State.Count)
            throw new ArgumentException("The state has other parameter groups than the optimizer.", nameof(state_dict));
        var options = state_dict.Options.Select(o => o as SGD.Options ?? throw new ArgumentException(
            $"{o?.GetType().FullName ?? "null"} are no options of SGD.", nameof(state_dict))).ToList();
        options.ForEach(Arguments.ThrowUnlessValid);
        var buffers = own.State.Zip(state_dict.State, (mine, theirs) => ((SGDState)mine).CopyOf(theirs)).ToList();

        Commit(options, buffers);
    }

    /// <inheritdoc/>
    public override StateDictionary state_dict()
    {
        ThrowIfDead();
        var result = base.state_dict();
        _backup = new OptionsBackup(_parameter_groups);
        return result;
    }

    private OptionsBackup? _backup;

    /// <summary>The first parameter's state stands for all where TorchSharp's own method saves.</summary>
    internal void SaveFor(SGDState state, BinaryWriter writer)
    {
        if (ReferenceEquals(state, States().First())) save_state_dict(writer);
    }

    /// <inheritdoc cref="SaveFor"/>
    internal void LoadFor(SGDState state, BinaryReader reader)
    {
        if (!ReferenceEquals(state, States().First())) return;
        try
        {
            load_state_dict(reader);
        }
        catch
        {
            _backup?.Restore();
            throw;
        }
    }
}
