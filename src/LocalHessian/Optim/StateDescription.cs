using System.Text;
using TorchSharp.Modules;

namespace LocalHessian.Optim;

/// <summary>A group's options, and a line for each of its parameters: name, dtype, shape, and whether it has momentum.</summary>
internal sealed record GroupDescription(SGD.Options Options, IReadOnlyList<(string Text, bool HasMomentum)> Parameters);

/// <summary>All of an optimizer's state but the elements of its tensors, and what must agree between who saves and who loads.</summary>
/// <param name="Optimizer">Name of the class.</param>
/// <param name="Settings">Name and value of every choice that changes the steps and is no option of a group.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Extra">What the class alone understands.</param>
internal sealed record StateDescription(
    string Optimizer, IReadOnlyList<(string Name, string Value)> Settings, IReadOnlyList<GroupDescription> Groups, byte[] Extra)
{
    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Optimizer);
        writer.Write(Settings.Count);
        foreach (var (name, value) in Settings)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Write(Groups.Count);
        foreach (var group in Groups)
        {
            foreach (var number in Numbers(group.Options)) writer.Write(number);
            writer.Write(group.Options.nesterov!.Value);
            writer.Write(group.Options.maximize!.Value);
            writer.Write(group.Parameters.Count);
            foreach (var (text, hasMomentum) in group.Parameters)
            {
                writer.Write(text);
                writer.Write(hasMomentum);
            }
        }

        writer.Write(Extra.Length);
        writer.Write(Extra);
        writer.Flush();
        return stream.ToArray();
    }

    public static StateDescription Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var result = new StateDescription(
            reader.ReadString(),
            Many(reader, () => (reader.ReadString(), reader.ReadString())),
            Many(reader, () => new GroupDescription(Options(reader), Many(reader, () => (reader.ReadString(), reader.ReadBoolean())))),
            reader.ReadBytes(reader.ReadInt32()));
        foreach (var group in result.Groups) Arguments.Check(group.Options);
        return result;
    }

    /// <summary>Refuses what is of another optimizer, architecture or setting.</summary>
    /// <param name="own">Description of the optimizer that loads.</param>
    public void MustFit(StateDescription own)
    {
        if (Optimizer != own.Optimizer) throw Misfit($"of {Optimizer}", $"the optimizer is {own.Optimizer}");
        if (Groups.Count != own.Groups.Count) throw Misfit($"of {Groups.Count} parameter groups", $"the optimizer has {own.Groups.Count}");
        for (var g = 0; g < Groups.Count; g++)
        {
            var (saved, mine) = (Groups[g].Parameters, own.Groups[g].Parameters);
            for (var i = 0; i < Math.Min(saved.Count, mine.Count); i++)
                if (saved[i].Text != mine[i].Text)
                    throw Misfit($"of another network: parameter {i} of group {g} is {saved[i].Text}", $"the optimizer has {mine[i].Text} there");
            if (saved.Count != mine.Count) throw Misfit($"of another network: group {g} has {saved.Count} parameters", $"the optimizer's has {mine.Count}");
        }

        foreach (var (name, value) in Settings)
        {
            var mine = own.Settings.FirstOrDefault(s => s.Name == name).Value ?? "no such setting";
            if (mine != value) throw Misfit($"of an optimizer with {name} = {value}", $"this one has {mine}; construct it with the same");
        }
    }

    private static StateFileException Misfit(string found, string expected) => new($"The state is {found}, but {expected}.");

    private static double[] Numbers(SGD.Options o) =>
        [o.LearningRate!.Value, o.InitialLearningRate, o.momentum!.Value, o.dampening!.Value, o.weight_decay!.Value];

    private static SGD.Options Options(BinaryReader reader) => new()
    {
        LearningRate = reader.ReadDouble(), InitialLearningRate = reader.ReadDouble(), momentum = reader.ReadDouble(),
        dampening = reader.ReadDouble(), weight_decay = reader.ReadDouble(), nesterov = reader.ReadBoolean(), maximize = reader.ReadBoolean(),
    };

    private static List<T> Many<T>(BinaryReader reader, Func<T> one)
    {
        var list = new List<T>();
        for (var left = reader.ReadInt32(); left > 0; left--) list.Add(one());
        return list;
    }
}
