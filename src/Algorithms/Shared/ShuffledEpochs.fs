namespace Theory.Algorithms

open Theory
open Theory.Numerics
open Theory.Problems

/// Epochs of clients that go through their summands in drawn orders. Orders are clients × lanes × n; a list of one client
/// serves all.
[<RequireQualifiedAccess>]
module ClientOrders =

    let private finite sample count outcomes =
        Draw(1, sample, Law.Finite(count, outcomes))

    let private product (clients: int) (each: int[][]) bound () =
        let weight = float each.Length ** -(float clients)

        Seq.init (pown each.Length clients) (fun code -> {
            Probability = weight
            Outcome =
                Indices(
                    clients,
                    1,
                    each[0].Length,
                    bound,
                    Array.init clients (fun m -> each[code / pown each.Length m % each.Length])
                    |> Array.concat
                )
        })

    let private listOf (o: Weighted<Indices>) = o.Outcome.Values.ToArray()

    /// A permutation of [0, n) for each client, independent.
    let independent (clients: int) (n: int) : Draw<Indices> =
        let one = Draw.permutation n

        finite
            (fun address lanes -> Sampler.Permutation(address, clients, lanes, n))
            (one.Count ** float clients)
            // The orders of one client are listed only when the law is enumerated.
            (fun () -> product clients (one.Outcomes |> Array.map listOf) n ())

    /// One permutation of [0, n) that all clients share.
    let common (n: int) : Draw<Indices> = Draw.permutation n

    /// `count` independent uniform indices in [0, n) for each client: sampling with replacement.
    let replaced (clients: int) (n: int) (count: int) : Draw<Indices> =
        let one = Draw.indices n count

        finite
            (fun address lanes -> Sampler.Index(address, clients, lanes, count, n))
            (one.Count ** float clients)
            (fun () -> product clients (one.Outcomes |> Array.map listOf) n ())

    /// Orders of one client up to exchanges of summands with the same label, each with the same probability; enough where
    /// those summands differ in nothing that the epoch sees.
    let arrangements (clients: int) (labels: int[]) : Draw<Indices> =
        let n = labels.Length

        let rec distinct (left: int list) : int list list =
            if left.IsEmpty then
                [ [] ]
            else
                left
                |> List.distinctBy (fun i -> labels[i])
                |> List.collect (fun i -> distinct (List.filter ((<>) i) left) |> List.map (fun rest -> i :: rest))

        let each = distinct [ 0 .. n - 1 ] |> List.map Array.ofList |> Array.ofList

        finite
            (fun address lanes -> Sampler.Permutation(address, clients, lanes, n))
            (float each.Length ** float clients)
            (product clients each n)

    /// Each client's t-th index: clients × lanes × 1.
    let at (clients: int) (t: int) (orders: Indices) : Indices =
        let one = Order.at t orders

        if one.Workers = clients then
            one
        else
            let values = one.Values.ToArray()
            Indices(clients, one.Lanes, 1, one.Bound, Array.init clients (fun _ -> values) |> Array.concat)

    /// The same indices as places mn + i in a list of all summands: 1 × lanes × clients.
    let places (clients: int) (t: int) (orders: Indices) : Indices =
        let own =
            Array.init (orders.Lanes * clients) (fun k ->
                let m = k % clients
                m * orders.Bound + orders.At(m, k / clients)[t])

        Indices(1, orders.Lanes, clients, clients * orders.Bound, own)

    /// Every outcome of a law of orders as a lane of one list, with the probabilities.
    let asLanes (clients: int) (law: Draw<Indices>) : Indices * float[] =
        let outcomes = law.Outcomes
        let n, bound = outcomes[0].Outcome.Count, outcomes[0].Outcome.Bound

        let values =
            Array.init clients (fun m -> outcomes |> Array.collect (fun o -> o.Outcome.At(m, 0).ToArray()))
            |> Array.concat

        Indices(clients, outcomes.Length, n, bound, values), outcomes |> Array.map (fun o -> o.Probability)

    /// Several independent outcomes of one draw, one for each inner step of an epoch.
    let rec repeat (count: int) (draw: Draw<'D>) : Draw<'D list> =
        if count = 0 then
            Draw.always []
        else
            Draw.both draw (repeat (count - 1) draw)
            |> Draw.map (fun (first, rest) -> first :: rest)

    // ---- Orders drawn once and kept ------------------------------------------------------------------------------

    /// No orders yet: −1 everywhere, clients × lanes × n.
    let none (clients: int) (lanes: int) (n: int) : Block =
        Block.Fill(Shape.Vector(clients, lanes, n), -1.0)

    /// The kept orders of each lane, or the drawn ones where it keeps none yet, and the block that keeps them.
    let keptOr (drawn: Indices) (kept: Block) : Indices * Block =
        let clients, n = kept.Workers, kept.Dimension
        let lanes = max drawn.Lanes kept.Lanes
        let values = (Block.stretch lanes kept).ToArray()

        let order k =
            let own = Array.sub values (k * n) n
            // A lane that holds no number is no order either.
            if own |> Array.forall (fun v -> v >= 0.0) then
                own |> Array.map int
            else
                drawn.At(k / lanes, k % lanes).ToArray()

        let orders =
            Indices(clients, lanes, n, drawn.Bound, Array.collect order [| 0 .. clients * lanes - 1 |])

        let block =
            Block.Own(Shape.Vector(clients, lanes, n), orders.Values.ToArray() |> Array.map float)

        orders, (if kept.IsHost then block else block.On kept.Engine)

/// Local passes through the clients' summands.
[<RequireQualifiedAccess>]
module LocalPass =

    /// Each client's n steps x ← x − γ·direction(its t-th summand, x), all from the same x: M × lanes × d.
    let through (f: IClientSum) (gamma: float) (direction: Indices -> Block -> Block) (orders: Indices) (x: Block) =
        (Block.repeatWorkers f.Count x, seq { 0 .. orders.Count - 1 })
        ||> Seq.fold (fun x t -> x - gamma * direction (ClientOrders.at f.Count t orders) x)

    /// T_m(x; π_m): each client's pass of gradient steps.
    let gradients (f: IClientSum) gamma orders x =
        through f gamma f.SummandGradientAt orders x

    /// x* − γ Σ_i ∇f_m^i(x*), where a pass of gradients frozen at x* ends whatever the order: M × 1 × d.
    let frozenEnd (f: IClientSum) (gamma: float) : Block =
        f.Minimiser - (gamma * float f.Summands) * f.Gradients f.Minimiser

/// Conditions of a theorem, all at once.
[<RequireQualifiedAccess>]
module Conditions =

    /// Do the parameters meet them?
    let met (conditions: Condition list) : bool =
        conditions |> List.forall (fun c -> c.Holds)
