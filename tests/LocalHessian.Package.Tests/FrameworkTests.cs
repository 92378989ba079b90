namespace LocalHessian.Package.Tests;

/// <summary>Programs of every kind restore, build and train from the packed file.</summary>
[Collection(nameof(PackedLibrary))]
public class FrameworkTests(PackedLibrary packed)
{
    // net8.0's runtime may be missing where the tests run: the program is built for it, and runs on the next one there is.
    [Theory, InlineData("net8.0"), InlineData("net10.0")]
    public void A_program_of_each_framework_trains(string framework)
    {
        var program = packed.Program("CSharp", framework);
        program.Run("build", "-o", "built", "--disable-build-servers", "-p:RollForward=Major")
            .Should().NotContain("warning");
        ConsumingProgram.ShouldHaveTrainedAndReported(program.Run(Path.Combine("built", "Consumer.dll")));
    }

    [Fact]
    public void An_older_framework_is_refused_when_packages_are_restored()
    {
        var restore = () => packed.Program("CSharp", "net6.0").Run("restore");
        restore.Should().Throw<InvalidOperationException>().WithMessage(
            $"*error NU1202: Package LocalHessian {packed.Version} is not compatible with net6.0*");
    }

    [Fact]
    public void A_program_in_FSharp_trains()
    {
        var program = packed.Program("FSharp");
        program.Run("build", "-o", "built", "--disable-build-servers").Should().NotContain("warning");
        ConsumingProgram.ShouldHaveTrained(program.Run(Path.Combine("built", "Consumer.dll")));
    }

    [Fact]
    public void A_program_of_one_file_trains()
    {
        var program = packed.Program("CSharp");
        File.Delete(program.File("Consumer.csproj"));
        string[] directives =
        [
            "#:package LocalHessian@$(PACKED_VERSION)", "#:package $(BACKEND_PACKAGE)@$(BACKEND_VERSION)",
            "#:property RestoreAdditionalProjectSources=$(PACKED_FEED)", "#:property NoWarn=$(NoWarn);NU1603",
        ];
        File.WriteAllLines(program.File("app.cs"), [.. directives, File.ReadAllText(program.File("Program.cs"))]);
        File.Delete(program.File("Program.cs"));
        ConsumingProgram.ShouldHaveTrainedAndReported(program.Run("run", "app.cs"));
    }

    [Fact]
    public void A_trimmed_program_trains_and_trimming_has_nothing_to_say_of_the_library()
    {
        var program = packed.Program("CSharp");
        program.Run("publish", "-o", "trimmed", "--disable-build-servers", "--use-current-runtime", "-p:PublishTrimmed=true")
            .Should().NotMatchRegex(@"warning IL\d+: [^\[]*LocalHessian");
        ConsumingProgram.ShouldHaveTrainedAndReported(program.Run(Path.Combine("trimmed", "Consumer.dll")));
    }
}
