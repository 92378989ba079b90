using VggCifar.Reporting;
using VggCifar.Training;

namespace VggCifar.Tests.Training;

/// <summary>A display that shows nothing.</summary>
internal sealed class Silent : IDisplay
{
    public bool WantsStep => false;
    public void Show(Action work) => work();
    public void RunStarted(RunName name, int epochsDone, bool finished) { }
    public void Step(StepStatus status) { }
    public void Epoch(EpochRecord record) { }
    public void Say(string text) { }
}
