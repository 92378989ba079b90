using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests.Zoo;

/// <summary>docs/networks.md says what happens, and nothing of it is a crash.</summary>
[Trait("Category", "Repository")]
public class NetworksPageTests
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("LOCALHESSIAN_WRITE_DOCS") is "1";

    private const string AttentionLeaks = "vision transformer";

    public static TheoryData<ZooNetwork> Small => new(Zoo.All.Where(n => !n.IsLarge));

    public static TheoryData<ZooNetwork> Large => new(Zoo.All.Where(n => n.IsLarge));

    [Theory, MemberData(nameof(Small))]
    public void The_page_says_what_happens_and_no_tensor_is_left_behind(ZooNetwork network)
    {
        if (Writes) return;
        var row = NetworksPage.Row(network, network.Name == AttentionLeaks ? null : UsedAgain);
        row.Should().Be(NetworksPage.Written(network));

        static void UsedAgain(string entry, Func<string> use, string told)
        {
            var before = LiveTensors.Count();
            use().Should().Be(told, entry);
            LiveTensors.Count().Should().Be(before, entry);
        }
    }

    [Theory, MemberData(nameof(Large)), Trait("Category", "Slow")]
    public void The_page_says_what_happens_to_large_networks(ZooNetwork network)
    {
        if (!Writes) NetworksPage.Row(network).Should().Be(NetworksPage.Written(network));
    }

    [Fact]
    public void The_page_has_a_row_for_each_network_and_is_written_on_request()
    {
        if (Writes) NetworksPage.Write(Zoo.All.Select(n => NetworksPage.Row(n)).ToList());
        Zoo.All.Select(NetworksPage.Written).Should().NotContainNulls();
    }

    [Fact]
    public void TorchSharps_attention_leaves_a_tensor_behind_in_every_pass_so_that_its_network_is_left_out_above()
    {
        var call = Zoo.All.Single(n => n.Name == AttentionLeaks).Build();
        void Pass()
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            call.Run(call.Inputs);
        }

        Pass();
        var before = LiveTensors.Count();
        Pass();
        LiveTensors.Count().Should().BeGreaterThan(before);
        call.Network.Dispose();
    }
}
