using System.Linq.Expressions;
using System.Reflection;
using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Parallel;
using LocalHessian.Scaling;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests;

/// <summary>
/// Null where a public constructor or method takes none is an <see cref="ArgumentNullException"/> that names the parameter, for
/// all of them: what is missing is said where it is missing.
/// </summary>
public class NullArgumentTests
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.DeclaredOnly;
    private static readonly NullabilityInfoContext Nullability = new();

    public static TheoryData<string> Types() => [.. Exported().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Null_is_refused_by_name(string name)
    {
        using var scope = NewDisposeScope();
        var type = typeof(NetworkCurvature).Assembly.GetType(name)!;
        var wrong = new List<string>();
        foreach (var member in Members(type))
            foreach (var parameter in member.GetParameters().Where(TakesNoNull))
                if (Refusal(type, member, parameter) is not ArgumentNullException refusal)
                    wrong.Add($"{member} takes null for {parameter.Name}");
                else if (refusal.ParamName != parameter.Name)
                    wrong.Add($"{member} calls {parameter.Name} {refusal.ParamName}");
        string.Join("\n", wrong).Should().BeEmpty();
    }

    [Fact]
    public void Many_members_are_looked_at() =>
        Exported().SelectMany(Members).Sum(m => m.GetParameters().Count(TakesNoNull)).Should().BeGreaterThan(100);

    // Records are data, whose constructors and methods the compiler writes; an exception may have no message.
    private static IEnumerable<Type> Exported() => typeof(NetworkCurvature).Assembly.GetExportedTypes()
        .Where(t => !t.IsInterface && !t.IsEnum && !typeof(Delegate).IsAssignableFrom(t) && !typeof(Exception).IsAssignableFrom(t)
            && t.GetMethod("<Clone>$") is null
            && !(t.IsValueType && t.GetMethod("PrintMembers", Own | BindingFlags.NonPublic) is not null)
            && Members(t).Any(m => m.GetParameters().Any(TakesNoNull)));

    private static IEnumerable<MethodBase> Members(Type type)
    {
        IEnumerable<MethodBase> constructors = type.IsAbstract ? [] : type.GetConstructors();
        return constructors.Concat(type.GetMethods(Own).Where(m => !m.IsAbstract && !m.ContainsGenericParameters
            && !m.Name.StartsWith("set_", StringComparison.Ordinal) && !(m.IsVirtual && !m.IsFinal && type.IsAbstract)
            && (m.GetBaseDefinition().DeclaringType!.Assembly == type.Assembly || m.IsStatic)));
    }

    private static bool TakesNoNull(ParameterInfo p) => !p.ParameterType.IsValueType && !p.ParameterType.IsByRef
        && Nullability.Create(p).WriteState == NullabilityState.NotNull;

    private static Exception? Refusal(Type type, MethodBase member, ParameterInfo missing)
    {
        var arguments = member.GetParameters().Select(p => p == missing ? null : p.HasDefaultValue && !TakesNoNull(p)
            ? Default(p) : Sample(p.ParameterType)).ToArray();
        try
        {
            var made = member is ConstructorInfo constructor ? constructor.Invoke(arguments)
                : member.Invoke(member.IsStatic ? null : Sample(type), arguments);
            (made as IDisposable)?.Dispose();
            return null;
        }
        catch (TargetInvocationException e)
        {
            return e.InnerException;
        }
    }

    private static object? Default(ParameterInfo p) =>
        p.DefaultValue ?? (p.ParameterType.IsValueType ? Activator.CreateInstance(p.ParameterType) : null);

    /// <summary>Something of a type that is good for a call.</summary>
    private static object Sample(Type type)
    {
        if (type.IsValueType) return Activator.CreateInstance(type)!;
        var network = nn.Sequential(nn.Linear(2, 2));
        var vectors = new[] { ones(2, 2), ones(2, 2) };
        if (type == typeof(CsvBlockLog) || type == typeof(TensorBoardBlockLog))
            return Activator.CreateInstance(type, Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()))!;
        object[] samples =
        [
            vectors[0], Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), CPU, SymmetricOperator.Identity(2), network,
            NetworkStructure.Find(network, vectors[0]), BlockChain.Find(network, vectors[0])[0],
            NetworkCall.Of(network, vectors[0]), Curvature(network), Curvature(network).Kfac(), new Pair(),
            new BlockMonitor(network, vectors[0]), new NoLog(), new TolerantBlockLog(new NoLog(), _ => { }),
            new MonitorOptions(), new LARS(network, 0.1), new ScaleAmendedSGD(network, vectors[0], 0.1), new Zeros(),
            new Alone(), SpectralMeasure.Of([1.0]), new MarchenkoPastur(0.5), CurvatureLoss.SquaredError,
            CurvatureData.Batch(vectors[0], vectors[0]), new ScaledSGDOptions { LearningRate = 0.1 },
            new ScaleAmendedSGDOptions { LearningRate = 0.1 }, new ScalingOptions(),
            new[] { new NoLog() }, vectors, new[] { 1.0 }, new[] { true }, new[] { "0" }, network.parameters().ToArray(),
            new[] { new SGD.ParamGroup(network.parameters()) }, network.named_parameters().ToArray(),
            BlockChain.Find(network, vectors[0]).ToArray(), new[] { new CurvatureBatch(vectors[0], vectors[0]) },
            new[] { (vectors[0], vectors[0]) }, new[] { new Dictionary<string, Tensor>() },
        ];
        return samples.FirstOrDefault(type.IsInstanceOfType) ?? (typeof(Delegate).IsAssignableFrom(type) ? Stub(type)
            : throw new NotSupportedException($"A sample of {type}, please."));
    }

    private static NetworkCurvature Curvature(nn.Module network) =>
        new(network, CurvatureLoss.SquaredError, CurvatureData.Batch(ones(2, 2), ones(2, 2)));

    private static Delegate Stub(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        var parameters = invoke.GetParameters().Select(p => Expression.Parameter(p.ParameterType)).ToArray();
        return Expression.Lambda(type, Expression.Default(invoke.ReturnType), parameters).Compile();
    }

    private sealed class Zeros : LayerwiseRule
    {
        protected override Tensor Ratios(IReadOnlyList<ParameterUpdate> updates) => zeros(updates.Count);
    }

    private sealed class Pair() : nn.Module<Tensor, Tensor, Tensor>("pair")
    {
        public override Tensor forward(Tensor a, Tensor b) => a + b;
    }

    private sealed class NoLog : IBlockLog
    {
        public void Write(IReadOnlyList<BlockReading> readings) { }
    }

    private sealed class Alone : IRanks
    {
        public int Rank => 0;
        public int Size => 1;
        public void Sum(IReadOnlyList<Tensor> tensors, double weight = 1) { }
    }
}
