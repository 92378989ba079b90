using CsCheck;
using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

/// <summary>Whatever is done to an optimizer in whatever order, it does what a model of it in plain numbers does.</summary>
public class OperationSequenceTests
{
    private static readonly string[] Operations =
        ["step", "step", "step", "gradients", "no gradient", "freeze", "add group", "options", "momentum", "save", "load",
            "collect"];

    [Fact]
    public void Random_sequences_of_operations_agree_with_the_model() =>
        Gen.Select(Gen.Int[0, Operations.Length - 1], Gen.Int[0, 10_000]).Array[1, 40].Sample(
            sequence =>
            {
                using var run = new Run();
                foreach (var (operation, argument) in sequence) run.Do(Operations[operation], argument);
            },
            iter: 150, threads: 1);

    private sealed class Run : IDisposable
    {
        private static readonly long[][] Shapes = [[3, 2], [4], [2, 1, 3], [5, 5]];
        private readonly IDisposable _scope = NewDisposeScope();
        private readonly List<Parameter> _parameters;
        private readonly List<OptimizerModel.Weight> _weights;
        private readonly LSALR _optimizer;
        private readonly OptimizerModel _model;
        private (byte[] Bytes, OptimizerModel.Saved State)? _saved;

        public Run()
        {
            manual_seed(1);
            _parameters = Shapes.Select(s => new Parameter(randn(s, ScalarType.Float64))).ToList();
            _weights = _parameters.Select(p => new OptimizerModel.Weight(p.Host<double>(), p.dim() > 1))
                .ToList();
            _optimizer = new LSALR(_parameters[..2], 0.01, momentum: 0.9, weight_decay: 0.1);
            _model = new OptimizerModel(new(0.01, 0.9, 0, 0.1, false, false));
            _model.Groups.Add((_model.Defaults, _weights[..2]));
        }

        public void Do(string operation, int argument)
        {
            var random = new Random(argument);
            var i = argument % _parameters.Count;
            switch (operation)
            {
                case "step":
                    _optimizer.step();
                    _model.Step();
                    break;
                case "gradients":
                    foreach (var (p, w) in _parameters.Zip(_weights))
                    {
                        w.Gradient = [.. w.Values.Select(_ => random.NextDouble() - 0.5)];
                        p.grad = tensor(w.Gradient).reshape(p.shape);
                    }

                    break;
                case "no gradient":
                    _parameters[i].grad?.Dispose(); // one of many references to it
                    if (random.Next(2) == 0) (_parameters[i].grad, _weights[i].Gradient) = (null, null);
                    break;
                case "freeze":
                    _weights[i].IsFrozen = !_weights[i].IsFrozen;
                    _parameters[i].requires_grad = !_weights[i].IsFrozen;
                    break;
                case "add group":
                    Add(2 + argument % 2);
                    break;
                case "options":
                    var g = argument % _model.Groups.Count;
                    var momentum = random.Next(3) * 0.4;
                    var nesterov = momentum > 0 && random.Next(2) == 0;
                    var options = new OptimizerModel.Options(
                        random.NextDouble() / 10, momentum, nesterov ? 0 : random.Next(2) * 0.3, random.Next(2) * 0.05, nesterov,
                        random.Next(2) == 0);
                    _model.Groups[g] = (options, _model.Groups[g].Weights);
                    Write(options, ((SGD.ParamGroup)_optimizer.ParamGroups.ElementAt(g)).Options);
                    break;
                case "momentum":
                    _optimizer.Momentum = 0.1 + argument % 5 / 10.0;
                    _model.SetMomentum(0.1 + argument % 5 / 10.0);
                    break;
                case "save":
                    _saved = (OptimizerCases.Bytes(_optimizer), _model.Save());
                    break;
                case "load" when _saved is { } saved:
                    if (_model.TryLoad(saved.State)) StateFileTests.Load(_optimizer, saved.Bytes);
                    else _optimizer.Invoking(o => StateFileTests.Load(o, saved.Bytes)).Should().Throw<StateFileException>();
                    break;
                case "collect":
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    break;
            }

            foreach (var (p, w) in _parameters.Zip(_weights))
                p.Host<double>().Zip(w.Values).Should()
                    .OnlyContain(x => Math.Abs(x.First - x.Second) <= 1e-12 * (1 + Math.Abs(x.Second)), operation);
        }

        public void Dispose()
        {
            _optimizer.Dispose();
            _scope.Dispose();
        }

        private void Add(int i)
        {
            var group = new SGD.ParamGroup { Parameters = [_parameters[i]] };
            if (_model.Groups.Any(g => g.Weights.Contains(_weights[i])))
            {
                _optimizer.Invoking(o => o.add_param_group(group)).Should().Throw<ArgumentException>()
                    .WithMessage("*given twice*");
                return;
            }

            _optimizer.add_param_group(group);
            _model.Groups.Add((_model.Defaults, [_weights[i]]));
        }

        private static void Write(OptimizerModel.Options from, SGD.Options to) =>
            (to.LearningRate, to.momentum, to.dampening, to.weight_decay, to.nesterov, to.maximize) =
            (from.Rate, from.Momentum, from.Dampening, from.Decay, from.Nesterov, from.Maximize);
    }
}
