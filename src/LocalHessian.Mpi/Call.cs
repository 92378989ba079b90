namespace LocalHessian.Mpi;

/// <summary>What a rank asks for. Ranks that ask for different things have lost each other.</summary>
internal enum Call
{
    Sum = 1,
    Broadcast,
    Barrier,
    End,
}
