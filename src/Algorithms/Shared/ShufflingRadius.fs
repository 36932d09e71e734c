namespace Theory.Algorithms

open Theory
open Theory.Numerics
open Theory.Problems

/// How far the gradients at x*, added up in a drawn order, lead away from x* within an epoch.
[<RequireQualifiedAccess>]
module ShufflingRadius =

    /// (1/M) Σ_m E D_{f_m^{π_m^i}}(x_m^i, x*) for i = 0 … n−1, exactly, over all outcomes of a law of orders; x_m^0 = x* and
    /// x_m^{i+1} = x_m^i − γ·combine(∇f_m^{π_m^i}(x*)).
    let private divergences (f: IClientSum) (gamma: float) (combine: Block -> Block) (law: Draw<Indices>) : float[] =
        let orders, weights = ClientOrders.asLanes f.Count law
        let lanes = weights.Length
        let solution = f.Minimiser.RepeatLanes lanes

        let inner (x: Block, found: float list) t =
            let i = ClientOrders.at f.Count t orders

            let d =
                Block.mean (f.SummandDivergenceAt i x solution)
                |> Block.stretch lanes
                |> Block.lanes

            (x - gamma * combine (f.SummandGradientAt i solution)).Materialise(),
            Array.fold2 (fun s w v -> s + w * v) 0.0 weights d :: found

        ((solution, []), seq { 0 .. orders.Count - 1 })
        ||> Seq.fold inner
        |> snd
        |> List.rev
        |> Array.ofList

    /// σ_rad² = max_i (1/γ²)(1/M) Σ_m E D_{f_m^{π_m^i}}(x_*^i, x*) along the common path
    /// x_*^{i+1} = x_*^i − (γ/M) Σ_m ∇f_m^{π_m^i}(x*).
    let common f gamma law =
        Array.max (divergences f gamma Block.mean law) / gamma ** 2.0

    /// σ_rad² of every client on a path of its own, x_m^{i+1} = x_m^i − γ∇f_m^{π_m^i}(x*). Only the law of one client's order
    /// matters, so a common order serves.
    let local f gamma law =
        Array.max (divergences f gamma id law) / gamma ** 2.0

    /// 2γ Σ_i (1−γμ)^{n−1−i} (1/M) Σ_m E D(x_m^i, x*): what the local passes of a law of orders add, before the largest D
    /// stands for all.
    let localNoise (f: IClientSum) gamma mu law =
        let d = divergences f gamma id law

        2.0
        * gamma
        * Seq.sum (d |> Seq.mapi (fun i v -> (1.0 - gamma * mu) ** float (d.Length - 1 - i) * v))

    // ---- Spread of the gradients at x* ------------------------------------------------------------------------------

    let private number (x: Block) = (Block.lanes x)[0]

    /// ζ*² = (1/M) Σ ‖∇f_m(x*)‖².
    let betweenClients (f: IClientSum) =
        number (Block.meanNormSquared (f.Gradients f.Minimiser))

    /// ‖∇f_m^i(x*) − ∇f_m(x*)‖² for all summands, mn + i.
    let private deviations (f: IClientSum) : float[] =
        let n = f.Summands
        let clients = f.Gradients f.Minimiser

        let repeated =
            Block.ConcatWorkers(Array.init (f.Count * n) (fun k -> clients.Worker(k / n)))

        (Block.normSquared (f.SummandGradients f.Minimiser - repeated)).ToArray()

    /// σ*² = (1/(Mn)) Σ_m Σ_i ‖∇f_m^i(x*) − ∇f_m(x*)‖².
    let withinClients (f: IClientSum) = Array.average (deviations f)

    /// (1/n) Σ_i ‖(1/M) Σ_m ∇f_m^i(x*)‖²: the spread of the sums of equally numbered summands.
    let ofColumns (f: IClientSum) =
        let n = f.Summands
        let all = f.SummandGradients f.Minimiser

        Array.init n (fun i ->
            let column =
                Block.ConcatWorkers(Array.init f.Count (fun m -> all.Worker(m * n + i)))

            number (Block.normSquared (Block.mean column)))
        |> Array.average

    /// (1/M) Σ_m ‖∇F_m(x*)‖² with F_m = nf_m.
    let drift (f: IClientSum) =
        float f.Summands ** 2.0 * betweenClients f

    /// (1/M) Σ_m δ_m, δ_m = ‖∇F_m(x*)‖² + (n/4)σ_m².
    let delta (f: IClientSum) =
        drift f + float f.Summands / 4.0 * withinClients f

    /// max_i i(n−i)/(n−1) is at most n²/(4(n−1)); half of that, 0 for one summand.
    let halfSpan (n: int) =
        if n = 1 then 0.0 else float (n * n) / (8.0 * float (n - 1))
