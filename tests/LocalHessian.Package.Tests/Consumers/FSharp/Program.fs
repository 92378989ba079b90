open System
open LocalHessian.Optim
open type TorchSharp.torch
open type TorchSharp.torch.nn

// The product of two numbers, learnt by a network of two layers.
[<EntryPoint>]
let main _ =
    random.manual_seed 0L |> ignore
    use x = randn (256L, 2L)
    use y = x.prod (1L, keepdim = true)
    use network = Sequential (Linear (2L, 32L), Tanh (), Linear (32L, 1L))
    use optimizer = new ScaleAmendedSGD (network, x, lr = 0.02, momentum = 0.9)

    for _ in 1..30 do
        use _ = NewDisposeScope ()
        optimizer.zero_grad ()
        let loss = functional.mse_loss (network.call x, y)
        loss.backward ()
        optimizer.step () |> ignore
        Console.WriteLine (FormattableString.Invariant $"loss {loss.item<float32> ()}")

    0
