using System.Text;

namespace LocalHessian.Optim;

/// <summary>A group's options, and its parameters.</summary>
internal sealed record GroupDescription(SGD.Options Options, IReadOnlyList<ParameterDescription> Parameters);

/// <summary>
/// All of an optimizer's state but the elements of its tensors, and what must agree between who saves and who loads it.
/// </summary>
/// <param name="Optimizer">Name of the class.</param>
/// <param name="Settings">Name and value of every choice that changes the steps and is no option of a group.</param>
/// <param name="Groups">The groups.</param>
/// <param name="Rule">What the rule alone understands.</param>
internal sealed record StateDescription(
    string Optimizer, IReadOnlyList<(string Name, string Value)> Settings, IReadOnlyList<GroupDescription> Groups, byte[] Rule)
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
            foreach (var parameter in group.Parameters)
            {
                writer.Write(parameter.Text);
                writer.Write(parameter.HasMomentum);
            }
        }

        writer.Write(Rule.Length);
        writer.Write(Rule);
        writer.Flush();
        return stream.ToArray();
    }

    public static StateDescription Decode(byte[] bytes)
    {
        try { return DecodeWhole(bytes); }
        // bytes in memory: a wrong length
        catch (IOException e) { throw new StateFileException($"The state is damaged: {e.Message}", e); }
    }

    private static StateDescription DecodeWhole(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        var result = new StateDescription(
            reader.ReadString(),
            Many(reader, () => (reader.ReadString(), reader.ReadString())),
            Many(reader, () => new GroupDescription(
                Options(reader), Many(reader, () => ParameterDescription.Parse(reader.ReadString(), reader.ReadBoolean())))),
            reader.ReadBytes(Count(reader)));
        if (stream.Position != stream.Length) throw StateFile.Damaged("something follows the end of its description");
        foreach (var group in result.Groups) Arguments.ThrowUnlessValid(group.Options);
        return result;
    }

    /// <summary>Refuses what is of another optimizer, architecture or setting.</summary>
    /// <param name="own">Description of the optimizer that loads.</param>
    public void ThrowUnlessFits(StateDescription own)
    {
        if (Optimizer != own.Optimizer) throw Misfit($"of {Optimizer}", $"the optimizer is {own.Optimizer}");
        if (Groups.Count != own.Groups.Count)
            throw Misfit($"of {Groups.Count} parameter groups", $"the optimizer has {own.Groups.Count}");
        for (var g = 0; g < Groups.Count; g++)
        {
            var (saved, mine) = (Groups[g].Parameters, own.Groups[g].Parameters);
            for (var i = 0; i < Math.Min(saved.Count, mine.Count); i++)
                if (!saved[i].Fits(mine[i]))
                    throw Misfit(
                        $"of another network: parameter {i} of group {g} is {saved[i].Text}",
                        $"the optimizer has {mine[i].Text} there");
            if (saved.Count != mine.Count)
                throw Misfit($"of another network: group {g} has {saved.Count} parameters", $"the optimizer's has {mine.Count}");
        }

        foreach (var (name, value) in Settings)
        {
            var mine = own.Settings.FirstOrDefault(s => s.Name == name).Value ?? "no such setting";
            if (mine != value)
                throw Misfit($"of an optimizer with {name} = {value}", $"this one has {mine}; construct it with the same");
        }
    }

    private static StateFileException Misfit(string found, string expected) => new($"The state is {found}, but {expected}.");

    private static double[] Numbers(SGD.Options o) =>
        [o.LearningRate!.Value, o.InitialLearningRate, o.momentum!.Value, o.dampening!.Value, o.weight_decay!.Value];

    private static SGD.Options Options(BinaryReader reader) => new()
    {
        LearningRate = reader.ReadDouble(), InitialLearningRate = reader.ReadDouble(), momentum = reader.ReadDouble(),
        dampening = reader.ReadDouble(), weight_decay = reader.ReadDouble(), nesterov = reader.ReadBoolean(),
        maximize = reader.ReadBoolean(),
    };

    private static List<T> Many<T>(BinaryReader reader, Func<T> one)
    {
        var list = new List<T>();
        for (var left = Count(reader); left > 0; left--) list.Add(one());
        return list;
    }

    /// <summary>
    /// A count of things of a byte at least each, checked against what is left before anything is allocated for them.
    /// </summary>
    private static int Count(BinaryReader reader)
    {
        var (count, left) = (reader.ReadInt32(), reader.BaseStream.Length - reader.BaseStream.Position);
        return count >= 0 && count <= left
            ? count
            : throw StateFile.Damaged($"it counts {count} things in the {left} bytes that are left of its description");
    }
}
