using System.Buffers.Binary;
using System.Security.Cryptography;
using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class StateFileTests
{
    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void Loading_into_fresh_objects_continues_bit_for_bit(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 3);
        foreach (var group in optimizer.ParamGroups) group.LearningRate *= 0.5; // as a scheduler does
        using var twin = OptimizerCases.Network();
        twin.load_state_dict(model.state_dict());
        var saved = OptimizerCases.Bytes(optimizer);
        using var resumed = kind.Build(twin);

        Load(resumed, saved);

        OptimizerCases.Bytes(resumed).Should().Equal(saved);
        OptimizerCases.Train(model, optimizer, 3, 5);
        OptimizerCases.Train(twin, resumed, 3, 5);
        foreach (var (a, b) in OptimizerCases.Values(model).Zip(OptimizerCases.Values(twin))) b.Should().Equal(a);
    }

    [Fact]
    public void A_file_cut_at_any_byte_or_with_any_byte_flipped_is_refused_and_nothing_changes()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        var saved = OptimizerCases.Bytes(optimizer);
        OptimizerCases.Train(model, optimizer, 1, 1);
        var now = OptimizerCases.Bytes(optimizer);
        var live = LiveTensors.Count();

        for (var i = 0; i < saved.Length; i++)
        {
            var cut = saved[..i];
            var flipped = saved.ToArray();
            flipped[i] ^= (byte)(1 << (i % 8));
            foreach (var broken in new[] { cut, flipped })
                optimizer.Invoking(o => Load(o, broken)).Should().Throw<StateFileException>()
                    .WithMessage(i < 19 ? "*" : "*damaged*");
        }

        LiveTensors.Count().Should().Be(live);
        OptimizerCases.Bytes(optimizer).Should().Equal(now);
    }

    [Fact]
    public void A_file_with_something_behind_its_end_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        var path = folder.File("state.bin");
        File.WriteAllBytes(path, [.. OptimizerCases.Bytes(optimizer), 0]);

        optimizer.Invoking(o => o.load_state_dict(path)).Should().Throw<StateFileException>().WithMessage("*follows its end*");
    }

    [Fact]
    public void The_wrong_class_architecture_grouping_and_settings_are_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var saver = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, saver, 0, 1);
        var saved = OptimizerCases.Bytes(saver);
        using var wider = Networks.InFloat64(Sequential(Conv2d(1, 4, 3, padding: 1), BatchNorm2d(4), ReLU(), Flatten(),
            Linear(16, 3)));
        using var deeper = Networks.InFloat64(Sequential(Conv2d(1, 2, 3, padding: 1), BatchNorm2d(2), ReLU(), Flatten(),
            Linear(8, 3), Linear(3, 3)));
        var x = OptimizerCases.Input();

        Refused(new LSALR(model.parameters(), 0.1), "*of ScaleAmendedSGD*is LSALR*");
        Refused(new ScaleAmendedSGD(wider, x, 0.1), "*'0.weight' of shape [2, 1, 3, 3]*[4, 1, 3, 3]*");
        Refused(new ScaleAmendedSGD(deeper, x, 0.1), "*has 6 parameters*has 8*");
        Refused(OptimizerCases.Cases.ElementAt(1).Build(model), "*of 1 parameter groups*has 2*");
        Refused(new ScaleAmendedSGD(model, x, 0.1, scaling: new ScalingOptions { Positions = PositionConvention.LayerOutput }),
            "*Positions = BlockOutput*LayerOutput*");
        Refused(new ScaleAmendedSGD(model, x, 0.1, scaling: new ScalingOptions { Source = ScaleSource.Composite }), "*");

        void Refused(ScaledSGD optimizer, string message)
        {
            using (optimizer)
            {
                var before = OptimizerCases.Bytes(optimizer);
                optimizer.Invoking(o => Load(o, saved)).Should().Throw<StateFileException>().WithMessage(message);
                OptimizerCases.Bytes(optimizer).Should().Equal(before);
            }
        }
    }

    [Fact]
    public void A_newer_format_is_refused_as_newer_and_other_files_as_foreign()
    {
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        var newer = OptimizerCases.Bytes(optimizer);
        BinaryPrimitives.WriteInt32LittleEndian(newer.AsSpan(19), 2);
        SHA256.HashData(newer.AsSpan(0, newer.Length - 32)).CopyTo(newer, newer.Length - 32);

        optimizer.Invoking(o => Load(o, newer)).Should().Throw<StateFileException>()
            .WithMessage("*version 2*reads versions 1 to 1*");
        optimizer.Invoking(o => Load(o, "PK and so on, a zip file perhaps"u8.ToArray())).Should().Throw<StateFileException>()
            .WithMessage("*no optimizer state*");
    }

    [Fact]
    public void State_saved_before_the_first_step_clears_the_momentum()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        var fresh = OptimizerCases.Bytes(optimizer);
        OptimizerCases.Train(model, optimizer, 0, 1);

        Load(optimizer, fresh);

        optimizer.state_dict().State.Should().OnlyContain(s => ReferenceEquals(((SGDState)s).momentum_buffer, null));
        OptimizerCases.Train(model, optimizer, 0, 1);
    }

    [Fact]
    public void Loaded_momentum_outlives_the_dispose_scope_it_was_loaded_in()
    {
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        var saved = OptimizerCases.Bytes(optimizer);

        using (NewDisposeScope()) Load(optimizer, saved);
        using (NewDisposeScope()) optimizer.load_state_dict(optimizer.state_dict());

        OptimizerCases.Bytes(optimizer).Should().Equal(saved);
        OptimizerCases.Train(model, optimizer, 1, 1);
    }

    [Fact]
    public void Momentum_is_loaded_in_the_memory_format_of_its_parameter()
    {
        using var scope = NewDisposeScope();
        using var weight = new Parameter(randn(4, 2, 2, 3).permute(0, 3, 1, 2)); // channels last
        using var optimizer = new LSALR([weight], 0.1, momentum: 0.9);
        weight.grad = randn_like(weight);
        optimizer.step();
        var saved = OptimizerCases.Bytes(optimizer);

        Load(optimizer, saved);

        var buffer = ((SGDState)optimizer.state_dict().State[0]).momentum_buffer!;
        buffer.stride().Should().Equal(weight.stride());
        OptimizerCases.Bytes(optimizer).Should().Equal(saved);
    }

    [Fact]
    public void A_stream_holds_other_content_before_and_after_and_need_not_seek()
    {
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("before");
        optimizer.save_state_dict(writer);
        writer.Write("after");

        foreach (var seeks in new[] { true, false })
        {
            stream.Position = 0;
            using var reader = new BinaryReader(seeks ? stream : new OneWayStream(stream), System.Text.Encoding.UTF8,
                leaveOpen: true);
            reader.ReadString().Should().Be("before");
            optimizer.load_state_dict(reader);
            reader.ReadString().Should().Be("after");
        }
    }

    [Fact]
    public void A_variable_of_TorchSharps_type_saves_and_loads_the_same_with_the_same_checks()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.ElementAt(2).Build(model); // measured scales are part of it
        OptimizerHelper helper = optimizer;
        OptimizerCases.Train(model, optimizer, 0, 3);
        var state = OptimizerCases.Bytes(optimizer);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        helper.save_state_dict(writer);
        var saved = stream.ToArray();
        OptimizerCases.Train(model, optimizer, 3, 3);
        foreach (var group in optimizer.ParamGroups) group.LearningRate = 0.5;
        var now = OptimizerCases.Bytes(optimizer);

        const int Options = 16 + 2 + 42; // name, two counts, one group's options
        for (var i = Options; i < saved.Length; i++)
        {
            var flipped = saved.ToArray();
            flipped[i] ^= 0x10;
            foreach (var broken in new[] { saved[..i], flipped })
                helper.Invoking(o => o.load_state_dict(new BinaryReader(new MemoryStream(broken))))
                    .Should().Throw<StateFileException>();
        }

        OptimizerCases.Bytes(optimizer).Should().Equal(now);
        helper.load_state_dict(new BinaryReader(new MemoryStream(saved)));
        OptimizerCases.Bytes(optimizer).Should().Equal(state);
        helper.Invoking(o => o.load_state_dict(new BinaryReader(new MemoryStream(state)))).Should().Throw<Exception>()
            .WithMessage("*LocalHessian.State*");
    }

    internal static void Load(ScaledSGD optimizer, byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        optimizer.load_state_dict(reader);
    }

    private sealed class OneWayStream(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 7));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
