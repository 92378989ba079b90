using System.Buffers.Binary;
using System.IO.Pipes;
using System.Security.Cryptography;
using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>State that comes from elsewhere: another precision, a pipe, another optimizer, a file whose lengths lie.</summary>
public class StateConversionTests
{
    [Theory]
    [InlineData(ScalarType.Float64, ScalarType.Float32)]
    [InlineData(ScalarType.Float32, ScalarType.Float64)]
    [InlineData(ScalarType.Float64, ScalarType.BFloat16)]
    public void Momentum_of_another_precision_is_converted_to_its_parameters(ScalarType saved, ScalarType own)
    {
        using var scope = NewDisposeScope();
        using Parameter p = new(randn(4, 3, saved)), q = new(zeros(4, 3, own)), r = new(zeros(4, 3, own));
        using LSALR one = new([p], 0.1, 0.9), two = new([q], 0.1, 0.9), three = new([r], 0.1, 0.9);
        p.grad = randn_like(p);
        one.step();

        StateFileTests.Load(two, OptimizerCases.Bytes(one));
        three.load_state_dict(one.state_dict());

        var expected = Momentum(one).to(own);
        Momentum(two).Equals(expected).Should().BeTrue();
        Momentum(three).Equals(expected).Should().BeTrue();
        q.grad = randn_like(q);
        two.step();
    }

    [Fact]
    public void Names_are_compared_where_both_sides_know_them()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("layer", Linear(3, 2)));
        using var renamed = Sequential(("other", Linear(3, 2)));
        using LARS named = new(model, 0.1, 0.9), bare = new(model.parameters(), 0.1, 0.9), misnamed = new(renamed, 0.1, 0.9);
        model.call(ones(1, 3)).sum().backward();
        named.step();

        StateFileTests.Load(bare, OptimizerCases.Bytes(named));
        StateFileTests.Load(named, OptimizerCases.Bytes(bare));
        misnamed.Invoking(o => StateFileTests.Load(o, OptimizerCases.Bytes(named)))
            .Should().Throw<StateFileException>().WithMessage("*'layer.weight' of shape [2, 3] in Float32*'other.weight'*");
    }

    [Fact]
    public void Loaded_momentum_is_a_copy()
    {
        using var scope = NewDisposeScope();
        using Parameter p = new(ones(4, 3)), q = new(ones(4, 3));
        using LSALR one = new([p], 0.1, 0.9), two = new([q], 0.1, 0.9);
        using var torch = optim.SGD([p], 0.1, 0.9);
        p.grad = ones_like(p);
        one.step();
        torch.step();
        foreach (var source in new optim.Optimizer.StateDictionary[] { one.state_dict(), torch.state_dict() })
        {
            two.load_state_dict(source);
            var before = Momentum(two).clone();
            Of(source).mul_(2);
            Momentum(two).Equals(before).Should().BeTrue();
            Momentum(two).Handle.Should().NotBe(Of(source).Handle);
        }

        static Tensor Of(optim.Optimizer.StateDictionary d) =>
            d.State[0] is SGDState own ? own.momentum_buffer! : ((SGD.State)d.State[0]).momentum_buffer;
    }

    [Fact]
    public void State_comes_through_a_pipe_that_gives_few_bytes_at_once()
    {
        using var scope = NewDisposeScope();
        using var p = new Parameter(randn(100, 30));
        using var optimizer = new LSALR([p], 0.1, 0.9);
        p.grad = randn_like(p);
        optimizer.step();
        var state = OptimizerCases.Bytes(optimizer);
        for (var round = 0; round < 5; round++)
        {
            using var end = new AnonymousPipeServerStream(PipeDirection.Out);
            using var start = new AnonymousPipeClientStream(PipeDirection.In, end.ClientSafePipeHandle);
            var writing = new Thread(() =>
            {
                for (var i = 0; i < state.Length; i += 997) end.Write(state, i, Math.Min(997, state.Length - i));
            });
            writing.Start();
            using var reader = new BinaryReader(start);

            optimizer.load_state_dict(reader);

            writing.Join();
            OptimizerCases.Bytes(optimizer).Should().Equal(state);
        }
    }

    [Fact]
    public void State_is_read_from_a_file_that_gives_few_bytes_at_once()
    {
        using var scope = NewDisposeScope();
        using var p = new Parameter(randn(30, 30));
        using var optimizer = new LSALR([p], 0.1, 0.9);
        p.grad = randn_like(p);
        optimizer.step();
        var state = OptimizerCases.Bytes(optimizer);
        p.grad = randn_like(p);
        optimizer.step();
        using var reader = new BinaryReader(new FewBytes(state));

        optimizer.load_state_dict(reader);

        OptimizerCases.Bytes(optimizer).Should().Equal(state);
    }

    [Fact]
    public void Lengths_inside_a_file_are_bounded_by_the_file_before_anything_is_allocated_for_them()
    {
        using var scope = NewDisposeScope();
        using var p = new Parameter(ones(2, 2));
        using var optimizer = new LSALR([p], 0.1, 0.9);
        var state = OptimizerCases.Bytes(optimizer);
        const int Description = 19 + 4 + 8 + 4; // mark, version, length, length of the description
        for (var at = Description; at < state.Length - 32 - 3; at++)
        {
            foreach (var length in new[] { 1_200_000_000, -1, int.MinValue })
            {
                var broken = state.ToArray();
                BinaryPrimitives.WriteInt32LittleEndian(broken.AsSpan(at), length);
                SHA256.HashData(broken.AsSpan(0, broken.Length - 32)).CopyTo(broken, broken.Length - 32);
                var before = GC.GetTotalAllocatedBytes();
                try { StateFileTests.Load(optimizer, broken); } // four bytes of a rate are a rate too
                catch (StateFileException) { }
                (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(10_000_000, $"of {length} at {at}");
            }
        }
    }

    [Fact]
    public void A_file_that_cannot_be_written_whole_leaves_the_old_one()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("state.bin");
        using var p = new Parameter(ones(2, 2));
        using var optimizer = new LSALR([p], 0.1, 0.9);
        p.grad = ones_like(p);
        optimizer.step();
        optimizer.save_state_dict(path);
        var old = File.ReadAllBytes(path);
        Momentum(optimizer).Dispose(); // what is found out when its elements are to be written

        optimizer.Invoking(o => o.save_state_dict(path)).Should().Throw<Exception>();

        File.ReadAllBytes(path).Should().Equal(old);
        Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(path)!).Should().ContainSingle();
    }

    private sealed class FewBytes(byte[] content) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);
    }

    private static Tensor Momentum(ScaledSGD optimizer) => ((SGDState)optimizer.state_dict().State[0]).momentum_buffer!;
}
