namespace LocalHessian.Mpi.Tests;

/// <summary>A test that starts ranks with mpirun; shown as skipped where there is no MPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute() => Skip = Launch.Missing;
}

/// <summary>The same for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MpiTheoryAttribute : TheoryAttribute
{
    public MpiTheoryAttribute() => Skip = Launch.Missing;
}

/// <summary>A test that starts ranks with MPICH's mpiexec; shown as skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MpichFactAttribute : FactAttribute
{
    public MpichFactAttribute() => Skip = Launch.MpichMissing;
}

/// <summary>The same for a test with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MpichTheoryAttribute : TheoryAttribute
{
    public MpichTheoryAttribute() => Skip = Launch.MpichMissing;
}
