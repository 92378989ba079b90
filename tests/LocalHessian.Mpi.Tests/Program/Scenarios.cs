using System.Reflection;

namespace LocalHessian.Mpi.Tests.Program;

/// <summary>The scenarios, static methods of the classes here, by name.</summary>
internal static class Scenarios
{
    public static Action<MpiRanks, string[]> Of(string name)
    {
        var method = new[] { typeof(Numbers), typeof(Training), typeof(Failures) }
            .Select(type => type.GetMethod(name, BindingFlags.Public | BindingFlags.Static))
            .SingleOrDefault(found => found is not null);
        return method?.CreateDelegate<Action<MpiRanks, string[]>>() ??
            throw new ArgumentException($"There is no scenario '{name}'.");
    }
}
