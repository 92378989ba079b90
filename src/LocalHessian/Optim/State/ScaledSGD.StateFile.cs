using System.Text;

namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    private IEnumerable<SGDState> States() => _parameter_groups.SelectMany(ParametersOf).Select(StateOf);

    private (StateDescription Description, List<Tensor> Tensors) Saved()
    {
        ThrowIfDead();
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true)) _rule.Save(writer);
        var groups = _parameter_groups.Select(DescriptionOf).ToList();
        var description = new StateDescription(GetType().Name, _rule.Settings.ToList(), groups, stream.ToArray());
        return (description, States().Select(s => s.momentum_buffer).OfType<Tensor>().ToList());
    }

    private GroupDescription DescriptionOf(ParamGroup group)
    {
        var options = OptionsOf(group);
        Arguments.ThrowUnlessValid(options);
        return new(options, ParametersOf(group).Select(p => new ParameterDescription(
            _names.GetValueOrDefault(p.Handle), Describe.Shape(p), p.dtype, StateOf(p).momentum_buffer is not null)).ToList());
    }

    private void Load(Stream stream, bool mustEnd)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        try
        {
            var (options, buffers, extra) = StateFile.Read(stream, Parse);
            if (mustEnd && stream.ReadByte() >= 0) throw StateFile.Damaged("something follows its end");
            Commit(options, buffers);
            extra();
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new StateFileException($"The state does not follow its format: {e.Message}", e);
        }
    }

    private (List<SGD.Options>, List<Tensor?>, Action) Parse(byte[] bytes, Stream stream, long size)
    {
        var saved = StateDescription.Decode(bytes);
        saved.ThrowUnlessFits(Saved().Description);
        var wanted = saved.Groups.SelectMany(g => g.Parameters).Zip(_parameter_groups.SelectMany(ParametersOf)).ToList();
        var expected = wanted.Where(w => w.First.HasMomentum).Sum(w => w.Second.numel() * w.First.Dtype.ElementSize());
        if (size != expected) throw StateFile.Damaged($"it has {size} bytes of momentum instead of {expected}");

        var buffers = wanted.Select(w => w.First.HasMomentum ? Buffer(w.Second, w.First.Dtype, stream) : null).ToList();
        using var own = new MemoryStream(saved.Rule);
        using var reader = new BinaryReader(own, Encoding.UTF8);
        var rule = _rule.Load(reader);
        if (own.Position != own.Length)
            throw StateFile.Damaged($"the rule has left {own.Length - own.Position} of its {own.Length} bytes");
        return (saved.Groups.Select(g => g.Options).ToList(), buffers, rule);
    }

    private static Tensor Buffer(Parameter parameter, ScalarType dtype, Stream stream)
    {
        using var host = empty(parameter.shape, dtype, CPU);
        StateFile.Fill(host, stream);
        return empty_like(parameter).copy_(host); // like the parameter: on its device, in its dtype and memory format
    }

    /// <summary>Nothing here can fail.</summary>
    private void Commit(List<SGD.Options> options, List<Tensor?> buffers)
    {
        foreach (var (group, saved) in _parameter_groups.Zip(options)) group.Options.LoadStateDict(saved);
        foreach (var (state, buffer) in States().Zip(buffers)) state.Replace(buffer);
    }
}
