using LocalHessian.Mpi;
using LocalHessian.Optim;
using LocalHessian.Parallel;

namespace VggCifar.Training;

/// <summary>What a run does with the other ranks.</summary>
internal sealed partial class TrainingRun
{
    private void Join()
    {
        if (_team.Ranks is null)
            return;
        _team.Share(Network);
        FlatGradients.Assign(Network);
        if (_optimizer is ScaledSGD scaled)
            scaled.Ranks = _team.Ranks;
    }

    private void Average(long rows)
    {
        if (_optimizer is ScaledSGD scaled)
            scaled.RankSamples = rows;
        else
            _team.Ranks?.AverageGradients([.. Network.parameters()], rows);
    }
}
