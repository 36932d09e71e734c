/// What methods of local training by a primal–dual splitting share: f = (1/M) Σ f_m with f_m μ-strongly convex is written
/// as (μ/2)‖x‖² + Σ F_m with F_m = (1/M)(f_m − (μ/2)‖·‖²), convex and L_{F,m}-smooth. A client keeps a dual variable u_m that
/// learns ∇F_m(x*), and its local problem is ψ_m(y) = F_m(y) + (τ/2)‖y − (x̂ + u_m/τ)‖².
module Theory.Algorithms.CommunicationEfficient.DualSplitting

open Theory
open Theory.Numerics
open Theory.Problems

type State = {
    /// The server's model x.
    X: Block
    /// The dual variables u_1 … u_M.
    U: Block
}

/// u_m = 0 at the start.
let init (f: IFiniteSum) (x0: Block) : State = {
    X = x0
    U = Block.zeros f.Count x0.Lanes f.Dimension
}

/// min μ_m.
let convexity (f: IStronglyConvexSum) = Array.min f.StrongConvexities

/// L_{F,m} = (L_m − μ)/M.
let dualSmoothnesses (f: IStronglyConvexSum) : float[] =
    f.Smoothnesses |> Array.map (fun l -> (l - convexity f) / float f.Count)

/// max L_{F,m}.
let dualSmoothness (f: IStronglyConvexSum) = Array.max (dualSmoothnesses f)

/// ∇F_m(y_m) for every m.
let dualGradients (f: IFiniteSum) (mu: float) (y: Block) : Block =
    (1.0 / float f.Count) * (f.Gradients y - mu * y)

/// x*, u_m* = ∇F_m(x*); Σ u_m* = −μx*.
let fixedPoint (f: IFiniteSum) (mu: float) : State = {
    X = f.Minimiser
    U = dualGradients f mu f.Minimiser
}

/// One number a client, as a block.
let perClient (values: float[]) (like: Block) : Block =
    (Block.ofWorkers (values |> Array.map Array.singleton)).On like.Engine

/// (1/γ)‖x − x*‖² + Σ w_m‖u_m − u_m*‖².
let lyapunov (f: IFiniteSum) (mu: float) (gamma: float) (weights: float[]) (s: State) : Block =
    let ideal = fixedPoint f mu
    let duals = Block.normSquared (s.U - ideal.U)

    (1.0 / gamma) * Block.normSquared (s.X - ideal.X)
    + Block.sum (perClient weights duals * duals)

/// x̂ = (x − γv)/(1 + γμ), v = Σ u_m: the prox of (μ/2)‖·‖².
let serverProx (mu: float) (gamma: float) (s: State) : Block =
    (1.0 / (1.0 + gamma * mu)) * (s.X - gamma * Block.sum s.U)

// ---- Local problems --------------------------------------------------------------------------------------------

/// argmin ψ_m for every m, one τ a client.
let prox (f: IClientProx) (mu: float) (taus: float[]) (xHat: Block) (u: Block) : Block =
    let m = float f.Count
    f.Prox (taus |> Array.map (fun tau -> m * tau - mu)) (m * (perClient taus u * xHat + u))

/// ∇ψ_m(y_m).
let localGradients (f: IFiniteSum) mu (tau: float) (xHat: Block) (u: Block) (y: Block) : Block =
    dualGradients f mu y + tau * (y - xHat) - u

/// `steps` gradient steps of stepsize 1/(L_F + τ) on every ψ_m, from x̂.
let descend (f: IFiniteSum) mu (smoothness: float) (tau: float) (steps: int) (xHat: Block) (u: Block) : Block =
    let step (y: Block) _ =
        (y - (1.0 / (smoothness + tau)) * localGradients f mu tau xHat u y).Materialise()

    Seq.init steps id
    |> Seq.fold step ((Block.repeatWorkers f.Count xHat).Materialise())

/// The test that a client can make alone: L_F‖∇ψ_m(y_m)‖² ≤ (τ/2)‖∇F_m(y_m) − u_m‖², both sides, one number a client.
let testSides f mu (smoothness: float) (tau: float) (xHat: Block) (u: Block) (y: Block) : Block * Block =
    let fresh = dualGradients f mu y

    smoothness * Block.normSquared (fresh + tau * (y - xHat) - u), 0.5 * tau * Block.normSquared (fresh - u)

/// Gradient steps until every client's test holds, at most `limit`: the points, and the steps of every client and lane.
let descendUntil f mu smoothness tau (limit: int) (xHat: Block) (u: Block) : Block * Block =
    let failing y =
        let left, right = testSides f mu smoothness tau xHat u y
        let gap = (left - right).ToArray()
        Mask(f.Count, gap.Length / f.Count, gap |> Array.map (fun g -> not (g <= 0.0)))

    let rec go k (y: Block) (counts: Block) =
        let open' = failing y

        if k = limit || not (Array.contains true (open'.Values.ToArray())) then
            y, counts
        else
            let moved = y - (1.0 / (smoothness + tau)) * localGradients f mu tau xHat u y
            let one = counts + (Block.scalar 1.0).On y.Engine
            go (k + 1) ((Block.choose open' moved y).Materialise()) ((Block.choose open' one counts).Materialise())

    let y = (Block.repeatWorkers f.Count xHat).Materialise()
    go 0 y ((Block.zeros f.Count (max xHat.Lanes u.Lanes) 1).On y.Engine)

/// Steps after which the test holds for sure on quadratics: in the eigenbasis of ∇²F_m the test's worst ratio is at the
/// eigenvalue 0 once k ≥ r, r = L_F/τ, and there it asks for √(2r)·(r/(1+r))^k ≤ 1.
let enoughSteps (smoothness: float) (tau: float) : int =
    let r = smoothness / tau
    int (ceil (max r (0.5 * log (2.0 * r) / log (1.0 + 1.0 / r))))

// ---- Who takes part --------------------------------------------------------------------------------------------

/// Drawn clients as a mask.
let private mask (chosen: Indices) : Mask =
    let values = Array.zeroCreate (chosen.Bound * chosen.Lanes)

    for lane in 0 .. chosen.Lanes - 1 do
        for client in (chosen.At(0, lane)).ToArray() do
            values[client * chosen.Lanes + lane] <- true

    Mask(chosen.Bound, chosen.Lanes, values)

/// A uniform cohort of fixed size.
let cohort (clients: int) (size: int) : Draw<Mask> =
    Draw.subset size clients |> Draw.map mask

/// Client m takes part with probability p_m, independently.
let independent (p: float[]) : Draw<Mask> =
    let nobody: Draw<Mask list> = Draw.always []

    let all =
        (nobody, p)
        ||> Array.fold (fun others own ->
            Draw.both others (Draw.coin own) |> Draw.map (fun (list, coin) -> coin :: list))

    all
    |> Draw.map (fun coins ->
        let coins = coins |> List.rev |> Array.ofList
        let lanes = coins |> Array.map (fun c -> c.Lanes) |> Array.max

        Mask(coins.Length, lanes, Array.init (coins.Length * lanes) (fun at -> coins[at / lanes][0, at % lanes])))

/// How many take part, per lane.
let participants (chosen: Mask) : float[] =
    Array.init chosen.Lanes (fun lane ->
        Seq.init chosen.Workers (fun m -> if chosen[m, lane] then 1.0 else 0.0)
        |> Seq.sum)
