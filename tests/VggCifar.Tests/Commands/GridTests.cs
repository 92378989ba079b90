using System.CommandLine;
using VggCifar.Commands;
using VggCifar.Training;

namespace VggCifar.Tests.Commands;

public class GridTests
{
    [Fact]
    public void A_value_for_one_optimizer_goes_before_one_for_all()
    {
        Grid("--optimizers", "sgd,sa", "--lr", "0.1", "sgd=0.01,0.02", "--schedule", "cosine").Should().Equal(
            new OptimizerSpec("sgd", 0.01, 0.005, "cosine"),
            new OptimizerSpec("sgd", 0.02, 0.005, "cosine"),
            new OptimizerSpec("sa", 0.1, 0.005, "cosine"));
    }

    [Fact]
    public void Rates_decays_and_schedules_multiply()
    {
        var grid = Grid("--optimizers", "lsalr", "--lr", "0.1,0.2", "--weight-decay", "0,1e-3", "--schedule", "plateau,cosine");

        grid.Should().HaveCount(8).And.OnlyHaveUniqueItems();
        grid.Select(spec => spec.Id).Should().OnlyHaveUniqueItems();
        grid[1].Should().Be(new OptimizerSpec("lsalr", 0.1, 0, "cosine"));
    }

    [Fact]
    public void Without_options_the_papers_four_optimizers_run_at_the_papers_settings()
    {
        Grid().Should().Equal(
            new OptimizerSpec("sgd", 0.1, 0.005, "plateau"),
            new OptimizerSpec("lars", 2, 0.001, "plateau"),
            new OptimizerSpec("lsalr", 0.1, 0.001, "plateau"),
            new OptimizerSpec("sa", 0.1, 0.005, "plateau"));
        Grid("--optimizers", "sa").Single().Rate.Should().Be(0.1);
        Read(["--optimizers", "sa"], classes: 10).Single().Rate.Should().Be(0.005);
    }

    [Fact]
    public void A_value_given_twice_counts_once_and_names_may_be_in_capitals()
    {
        Grid("--optimizers", "SGD,sgd", "--lr", "SGD=0.1,0.1", "sgd=0.10").Should().ContainSingle();
    }

    [Theory]
    [InlineData("--optimizers: 'adam' is unknown; it takes sgd, nesterov, adamw, lars*", "--optimizers", "adam")]
    [InlineData("--lr: 'sa=0.1' names 'sa', which is not among the optimizers sgd.", "--optimizers", "sgd", "--lr", "sa=0.1")]
    [InlineData("--lr: 'fast' is not a number.", "--lr", "fast")]
    [InlineData("--lr: the learning rate is Infinity; it must be a finite number above zero.", "--lr", "1e999")]
    [InlineData("--lr: the learning rate is 0; it must be a finite number above zero.", "--lr", "sgd=0")]
    [InlineData("--lr: '' is not a number.", "--lr", "0.1,")]
    [InlineData(
        "--weight-decay: the weight decay is -1; it must be a finite number that is not negative.", "--weight-decay", "sgd=-1")]
    [InlineData("--schedule: 'steps' is unknown; it takes plateau, cosine, constant.", "--schedule", "steps")]
    public void A_wrong_value_is_one_sentence_that_names_the_option(string message, params string[] arguments)
    {
        var grid = () => Grid(arguments);

        grid.Should().Throw<UserError>().WithMessage(message);
    }

    private static IReadOnlyList<OptimizerSpec> Grid(params string[] arguments) => Read(arguments, classes: 100);

    private static IReadOnlyList<OptimizerSpec> Read(string[] arguments, int classes)
    {
        var options = new GridOptions(several: true);
        var command = new RootCommand();
        foreach (var option in options.All) command.Options.Add(option);
        return options.Grid(command.Parse(arguments), classes, shortRuns: false);
    }
}
