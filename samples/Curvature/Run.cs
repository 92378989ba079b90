using LocalHessian.Optim;
using LocalHessian.Spectra;
using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>Trains the network with one optimizer and reads the curvature on the way.</summary>
internal sealed class Run : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly optim.Optimizer _optimizer;
    private readonly TrainingImages _data;
    private readonly StudySettings _settings;

    public Run(string name, double rate, bool amended, TrainingImages data, StudySettings settings)
    {
        (Name, Rate, _data, _settings) = (name, rate, data, settings);
        manual_seed(settings.Seed);
        _network = SmallNetwork.Create(data.Classes).to(settings.Device);
        _optimizer = amended
            ? new ScaleAmendedSGD(_network, data.Images[..1], rate)
            : optim.SGD(_network.parameters(), rate);
    }

    public string Name { get; }

    public double Rate { get; }

    public nn.Module<Tensor, Tensor> Network => _network;

    public List<CurvatureReading> Readings { get; } = [];

    /// <summary>At the first and the last step.</summary>
    public List<SpectralMeasure> Densities { get; } = [];

    public List<LayerReading> Layers { get; private set; } = [];

    public void Train()
    {
        var read = Enumerable.Range(0, _settings.Readings).Select(i =>
            i * _settings.Steps / (_settings.Readings - 1)).ToHashSet();
        for (var step = 0; step <= _settings.Steps; step++)
        {
            if (read.Contains(step)) Readings.Add(Read(step));
            if (step is 0 || step == _settings.Steps) Densities.Add(Curvature.Density(_network, _data, _settings));
            if (step < _settings.Steps) Step(step);
        }

        Layers = Curvature.Layers(_network, _data, Multipliers());
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }

    private CurvatureReading Read(int step) => Curvature.Read(_network, _data, step, Multipliers());

    /// <summary>
    /// What each block's gradient was multiplied by in the last step: nothing is known before the first, and for SGD.
    /// </summary>
    private Dictionary<string, double> Multipliers() =>
        _optimizer is ScaleAmendedSGD amended ? amended.BlockScales.ToDictionary(b => b.Block, b => b.Multiplier) : [];

    private void Step(int step)
    {
        using var scope = NewDisposeScope();
        var (x, y) = _data.Batch(step);
        _optimizer.zero_grad();
        nn.functional.cross_entropy(_network.call(x), y).backward();
        _optimizer.step();
    }
}
