namespace LocalHessian.Package.Tests;

/// <summary>
/// A program without a package that brings libtorch is warned when it is built; with one not (<see cref="FrameworkTests"/>).
/// </summary>
[Collection(nameof(PackedLibrary))]
public class BackendWarningTests(PackedLibrary packed)
{
    private const string Code = "LH0001";
    private readonly ConsumingProgram program = packed.Program("CSharp", withBackend: false);

    [Fact]
    public void A_program_without_a_backend_is_told_which_package_to_add() =>
        program.Run("build", "--disable-build-servers").Should()
            .MatchRegex($@"warning {Code}: [^\[]*dotnet add package TorchSharp-cpu");

    // Packages are looked at before anything is compiled.
    [Theory, InlineData("LocalHessianCheckBackend=false"), InlineData($"NoWarn={Code}"), InlineData("OutputType=Library")]
    public void The_warning_can_be_switched_off_and_libraries_are_not_warned(string property) =>
        program.Run("msbuild", "-restore", "-t:ResolvePackageAssets", $"-p:{property}").Should().NotContain($"warning {Code}");
}
