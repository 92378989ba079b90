namespace LocalHessian.Optim;

/// <summary>
/// The native list and fused kernels, which the framework offers to scripts only. They check neither shapes nor layouts:
/// callers do.
/// </summary>
/// <remarks>
/// What a script writes to must be an argument: writes to the tensors of a list that it makes itself are optimised away. A
/// call leaks about 350 bytes a scalar argument, so that numbers go over as one tensor on the CPU. The parser needs the empty
/// line at the end.
/// </remarks>
internal static class StepScript
{
    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile("""
        def norms(ts: List[Tensor]):
            parts: List[Tensor] = []
            for t in ts:
                if t.numel() >= 65536 and t.numel() % 16 == 0 and t.is_contiguous():
                    parts.append(torch.linalg_vector_norm(t.view([16, -1]), 2, [1]))
                else:
                    parts.append(t)
            return torch.stack(torch._foreach_norm(parts, 2)).double()

        def fused(p: List[Tensor], v: List[Tensor], ts: List[Tensor], numbers: Tensor):
            n = len(ts) // 3
            h: List[float] = numbers.tolist()
            g = [ts[0]]
            none: List[Tensor] = []
            momentum = h[0]
            decay = h[1]
            rate = h[2]
            if momentum == 0.0:
                for i in range(n):
                    p[0] = ts[i]
                    g[0] = ts[n + i]
                    torch._fused_sgd_(p, g, none, momentum=0.0, weight_decay=decay, lr=rate * h[3 + i], dampening=0.0,
                                      nesterov=False, maximize=False, is_first_step=False)
            else:
                for i in range(n):
                    p[0] = ts[i]
                    g[0] = ts[n + i]
                    v[0] = ts[2 * n + i]
                    torch._fused_sgd_(p, g, v, momentum=momentum, weight_decay=decay, lr=rate, dampening=h[3 + i],
                                      nesterov=False, maximize=False, is_first_step=False)

        def move(w: List[Tensor], v: List[Tensor], rate: Tensor):
            torch._foreach_add_(w, v, alpha=float(rate))

        def listed(p: List[Tensor], v: List[Tensor], ga: List[Tensor], numbers: Tensor):
            h: List[float] = numbers.tolist()
            n = len(p)
            g = ga[:n]
            a = ga[n:]
            momentum = h[0]
            decay = h[1]
            if decay == 0.0:
                d = torch._foreach_mul(g, a)
            else:
                d = torch._foreach_add(g, p, alpha=decay)
                torch._foreach_mul_(d, a)
            if momentum != 0.0:
                if h[5] != 0.0:
                    torch._foreach_copy_(v, d)
                else:
                    torch._foreach_mul_(v, momentum)
                    torch._foreach_add_(v, d, alpha=h[3])
                if h[4] != 0.0:
                    torch._foreach_add_(d, v, alpha=momentum)
                else:
                    d = v
            torch._foreach_add_(p, d, alpha=-h[2])

        def spread(p: List[Tensor], v: List[Tensor], gac: List[Tensor], numbers: Tensor):
            n = len(p)
            size = 0
            for w in p:
                size += w.numel()
            all = torch.repeat_interleave(gac[n].to(p[0].dtype), gac[n + 1], output_size=size)
            ga = gac[:n]
            at = 0
            for w in p:
                ga.append(torch.as_strided(all, w.size(), w.stride(), at))
                at += w.numel()
            listed(p, v, ga, numbers)

        """));

    /// <summary>‖·‖₂ of each tensor on the CPU as a float64 vector.</summary>
    /// <param name="tensors">At least one, each of float32 or float64.</param>
    /// <remarks>
    /// The native norm of one tensor runs on one thread; those of 16 parts of it run on all, with the same parts whatever
    /// their number.
    /// </remarks>
    public static Tensor Norms(Tensor[] tensors) => Unit.Value.invoke<Tensor>("norms", (object)tensors);

    /// <summary>v ← μv + (1 − d)(g + λw), w ← w − ηv in one pass over memory each; without momentum w ← w − ηa(g + λw).</summary>
    /// <param name="tensors">
    /// All w, all g, all v, on the CPU; a triple of one shape, dtype and dense layout. Without momentum v is not touched.
    /// </param>
    /// <param name="numbers">μ, λ, η, then d of each, or without momentum a of each; float64.</param>
    public static void Fused(Tensor[] tensors, double[] numbers)
    {
        using var values = tensor(numbers, ScalarType.Float64, CPU);
        Unit.Value.invoke("fused", new[] { tensors[0] }, new[] { tensors[0] }, tensors, values);
    }

    /// <summary>w ← w + rate·v for a whole list.</summary>
    /// <param name="w">Parameters.</param>
    /// <param name="v">Momenta.</param>
    /// <param name="rate">−η, as a rule.</param>
    public static void Move(Tensor[] w, Tensor[] v, double rate)
    {
        using var value = tensor(rate, ScalarType.Float64, CPU);
        Unit.Value.invoke("move", w, v, value);
    }

    /// <summary>u = a(g + λw), v ← μv + (1 − d)u, w ← w − ηv for a whole list, operation by operation.</summary>
    /// <param name="w">Parameters.</param>
    /// <param name="v">Momenta; none without momentum.</param>
    /// <param name="ga">All g, then all a, which are scalar tensors: the multiplication is launched once a parameter.</param>
    /// <param name="numbers">μ, λ, η, 1 − d, whether Nesterov's, whether v is new: shared by all.</param>
    public static void Listed(Tensor[] w, Tensor[] v, Tensor[] ga, double[] numbers) => Listed("listed", w, v, ga, numbers);

    /// <summary>The same with as many launches for many parameters as for one: each a is repeated as often as its w has
    /// entries.</summary>
    /// <param name="w">Parameters of one dtype, dense in memory.</param>
    /// <param name="v">Momenta; none without momentum.</param>
    /// <param name="gac">All g, then a vector of all a, then one of the numbers of entries.</param>
    /// <param name="numbers">As above.</param>
    public static void Spread(Tensor[] w, Tensor[] v, Tensor[] gac, double[] numbers) => Listed("spread", w, v, gac, numbers);

    private static void Listed(string way, Tensor[] w, Tensor[] v, Tensor[] rest, double[] numbers)
    {
        using var values = tensor(numbers, ScalarType.Float64, CPU);
        Unit.Value.invoke(way, w, v, rest, values);
    }
}
