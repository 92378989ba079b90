using System.CommandLine;
using VggCifar.Training;

namespace VggCifar.Commands;

/// <summary>Which optimizers, with which rates, decays and schedules, from which seeds.</summary>
internal sealed class GridOptions(bool several)
{
    private static readonly string NameList = string.Join(", ", OptimizerFactory.Names);

    private readonly Option<string[]> _optimizers = several
        ? List("--optimizers", $"Optimizers to compare, of {NameList}; default sgd,lars,lsalr,sa.")
        : List("--optimizer", $"Optimizer: {NameList}; default sa.");

    private readonly Option<string[]> _rates = List("--lr", "Learning rate" + (several
        ? "s: '0.1', '0.05,0.1', or for one optimizer 'sgd=0.01,0.02'; default the paper's, on built-in data also one for "
            + "short runs."
        : "; default the paper's."));

    private readonly Option<string[]> _decays =
        List("--weight-decay", "Weight decay" + (several ? "s, given as --lr is" : "") + "; default the paper's.");

    private readonly Option<string[]> _schedules = List(
        "--schedule",
        $"Schedule{(several ? "s, given as --lr is" : "")}: {string.Join(", ", RateSchedule.Names)}; default plateau.");

    private readonly Option<int?> _seed = Parse.Count(
        "--seed", several ? "The first seed; default 1." : "Seed of initial weights, order and augmentation; default 1.");
    private readonly Option<int?> _seeds =
        Parse.Count("--seeds", "How many seeds, one after the other; default 1, built-in data 2.");

    /// <summary>Where the part is kept among a run's options.</summary>
    public const string PartName = "--part";

    private readonly Option<GridPart?> _part = new(PartName)
    {
        Description =
            "Train one of several parts of the grid, as 3/12, in a folder of its own; gather joins them.",
        CustomParser = GridPart.Read,
    };

    public IEnumerable<Option> All => several
        ? [_optimizers, _rates, _decays, _schedules, _seeds, _seed, _part]
        : [_optimizers, _rates, _decays, _schedules, _seed];

    /// <summary>Which options decide a run's numbers, and the setting each is kept in.</summary>
    public IEnumerable<(Option Option, string Setting)> Decides =>
        [(_optimizers, "grid"), (_rates, "grid"), (_decays, "grid"), (_schedules, "grid"), (_seeds, "seeds"), (_seed, "seeds")];

    public IReadOnlyList<long> Seeds(ParseResult parsed, int otherwise)
    {
        var first = parsed.GetValue(_seed) ?? 1;
        var count = several ? parsed.GetValue(_seeds) ?? otherwise : 1;
        return [.. Enumerable.Range(0, count).Select(i => (long)first + i)];
    }

    /// <summary>The part to train; null for all.</summary>
    public GridPart? Part(ParseResult parsed) => several ? parsed.GetValue(_part) : null;

    /// <summary>The grid, optimizer by optimizer.</summary>
    public IReadOnlyList<OptimizerSpec> Grid(ParseResult parsed, int classes, bool shortRuns)
    {
        var optimizers = Optimizers(parsed);
        var rates = Read(parsed, _rates, optimizers, text => Positive("--lr", "learning rate", text, zero: false));
        var decays = Read(parsed, _decays, optimizers, text => Positive("--weight-decay", "weight decay", text, zero: true));
        var schedules = Read(parsed, _schedules, optimizers, text => Check.OneOf("--schedule", text, RateSchedule.Names));
        var grid =
            from optimizer in optimizers
            from rate in rates.For(
                optimizer,
                several && shortRuns
                    ? OptimizerFactory.DemonstrationRates(optimizer, classes)
                    : [OptimizerFactory.DefaultRate(optimizer, classes)])
            from decay in decays.For(optimizer, [OptimizerFactory.DefaultWeightDecay(optimizer)])
            from schedule in schedules.For(optimizer, [RateSchedule.Plateau])
            select new OptimizerSpec(optimizer, rate, decay, schedule);
        var cells = grid.ToList();
        return several || cells.Count == 1 ? cells : throw new UserError(
            "train takes one value of each option; compare takes several.");
    }

    private List<string> Optimizers(ParseResult parsed)
    {
        var given = (parsed.GetValue(_optimizers) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries))
            .ToList();
        if (given.Count == 0)
            given = several
                ? [OptimizerFactory.Sgd, OptimizerFactory.Lars, OptimizerFactory.Lsalr, OptimizerFactory.ScaleAmended]
                : [OptimizerFactory.ScaleAmended];
        return [.. given.Select(name => Check.OneOf(_optimizers.Name, name, OptimizerFactory.Names)).Distinct()];
    }

    private static PerOptimizer<T> Read<T>(
        ParseResult parsed, Option<string[]> option, List<string> optimizers, Func<string, T> read) =>
        new(option.Name, parsed.GetValue(option) ?? [], optimizers, read);

    private static double Positive(string option, string words, string text, bool zero)
    {
        if (!Parse.Double(text, out var value))
            throw new UserError($"{option}: '{text}' is not a number.");
        return Check.Above(option, value, zero, words);
    }

    private static Option<string[]> List(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true };
}
