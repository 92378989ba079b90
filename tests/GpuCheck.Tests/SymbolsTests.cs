using LocalHessian.Tests.Cases;

namespace GpuCheck.Tests;

/// <summary>What a library asks for and does not find is named, and nothing else.</summary>
public class SymbolsTests
{
    [LinuxFact("gcc")]
    public void A_planted_symbol_that_nothing_has_is_named_and_a_weak_one_is_not()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("planted.c"), """
            extern void planted(void);
            extern void optional(void) __attribute__((weak));
            void f(void) { planted(); if (optional) optional(); }
            """);
        Tool.Run("gcc", ["-shared", "-fPIC", "-o", folder.File("libplanted.so"), folder.File("planted.c")]).Completed();

        Symbols.Missing(folder.File("libplanted.so")).Should().Equal("planted");
    }

    [LinuxFact("gcc")]
    public void A_library_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("empty.c"), "void g(void) {}");
        Tool.Run("gcc", ["-shared", "-fPIC", "-o", folder.File("libgone.so"), folder.File("empty.c")]).Completed();
        Tool.Run("gcc", ["-shared", "-fPIC", "-Wl,--no-as-needed", "-o", folder.File("libuser.so"), folder.File("empty.c"),
            folder.File("libgone.so")]).Completed();
        Symbols.Missing(folder.File("libuser.so")).Should().BeEmpty();
        File.Delete(folder.File("libgone.so"));

        Symbols.Missing(folder.File("libuser.so")).Should().ContainSingle().Which.Should().Contain("libgone.so")
            .And.Contain("not found");
    }

    [LinuxFact]
    public void TorchSharps_shim_finds_all_that_it_asks_for_in_its_own_libtorch() =>
        Symbols.Missing(Symbols.Shim).Should().BeEmpty();
}
