namespace Theory.Problems

open System
open Theory
open Theory.Numerics

/// An ergodic Markov chain on {0, …, m−1} with kernel P (rows sum to 1). A state is a one-hot block 1 × lanes × m, and a
/// transition is a map of {0, …, m−1} to itself drawn from a finite set with Σ probability · map = P: transitions are
/// values, and a transition is linear in the one-hot state. So blocks may also hold laws, or weighted sums of visits.
[<Sealed>]
type MarkovChain(name: string, kernel: Matrix) =
    let m = kernel.Rows

    let row z = kernel.Row(z).ToArray()

    do
        if kernel.Columns <> m then
            invalidArg (nameof kernel) $"A kernel is square; got {m}×{kernel.Columns}."

        for z in 0 .. m - 1 do
            let off = abs (Array.sum (row z) - 1.0)

            if
                row z |> Array.exists (fun p -> not (p >= 0.0))
                || off > Rounding.identity (float m) 1.0
            then
                invalidArg (nameof kernel) $"Row {z} of the kernel is no probability vector."

    /// A mass that rounding alone leaves.
    let nothing = Rounding.identity (float (m * m)) 1.0

    /// P as a mixture of maps: every row gives the mass of its largest entry that all rows can give, and again with what
    /// remains. Each round empties an entry, so there are at most m² − m + 1 maps.
    let rec decompose (left: float[][]) mass found =
        let map =
            left
            |> Array.map (fun r -> Seq.maxBy (fun next -> r[next]) (seq { 0 .. m - 1 }))

        let weight =
            min mass (Array.map2 (fun (r: float[]) at -> r[at]) left map |> Array.min)

        if mass - weight <= nothing then
            List.rev ((mass, map) :: found)
        else
            let rest =
                Array.map2 (fun r at -> r |> Array.mapi (fun j v -> if j = at then v - weight else v)) left map

            decompose rest (mass - weight) ((weight, map) :: found)

    let maps = Array.ofList (decompose (Array.init m row) 1.0 [])
    let probabilities = maps |> Array.map fst

    /// Matrices of the maps, which send the one-hot vector of z to that of its image.
    let matrices =
        maps
        |> Array.map (fun (_, map) -> Matrix.Create(m, m, (fun next z -> if map[z] = next then 1.0 else 0.0)))

    let rec power (k: int) : Matrix =
        if k = 0 then
            Matrix.Identity m
        else
            let half = power (k / 2)
            let square = LinearAlgebra.Multiply(half, half)

            if k % 2 = 0 then
                square
            else
                LinearAlgebra.Multiply(square, kernel)

    let pairs = [
        for a in 0 .. m - 1 do
            for b in a + 1 .. m - 1 -> a, b
    ]

    let overPairs (distance: int -> int -> float) =
        pairs |> List.fold (fun worst (a, b) -> max worst (distance a b)) 0.0

    /// d(k) = max TV(P^k(z,·), P^k(z',·)), half the ℓ1 distance.
    let spread k =
        let p = power k
        overPairs (fun a b -> 0.5 * Seq.sum (Seq.init m (fun j -> abs (p[a, j] - p[b, j]))))

    let mixed d = d <= 0.25 * (1.0 + Rounding.parameter)

    // d is submultiplicative and never grows, so the least k with d(k) ≤ 1/4 is the least τ with d(k) ≤ (1/4)^⌊k/τ⌋.
    let mixing =
        lazy
            (let rec enough k =
                if mixed (spread k) then k
                elif k > (1 <<< 22) then invalidOp $"{name} does not mix."
                else enough (2 * k)

             let rec bisect low high =
                 if high - low <= 1 then
                     high
                 else
                     let middle = (low + high) / 2

                     if mixed (spread middle) then
                         bisect low middle
                     else
                         bisect middle high

             bisect 0 (enough 1))

    /// The same by single steps, with TV as 1 − Σ min.
    let mixingByWalking () =
        let rec walk k (p: Matrix) =
            let worst =
                overPairs (fun a b -> 1.0 - Seq.sum (Seq.init m (fun j -> min p[a, j] p[b, j])))

            if mixed worst then
                k
            else
                walk (k + 1) (LinearAlgebra.Multiply(p, kernel))

        walk 1 kernel

    let stationary =
        lazy
            (let system =
                Matrix.Create(
                    m,
                    m,
                    fun i j ->
                        if i = m - 1 then
                            1.0
                        else
                            kernel[j, i] - (if i = j then 1.0 else 0.0)
                )

             let right = Matrix.Create(m, 1, (fun i _ -> if i = m - 1 then 1.0 else 0.0))
             Decompositions.Solve(system, right).Values.ToArray())

    /// What the chain is, in a few words.
    member _.Name = name
    /// m.
    member _.States = m
    /// P.
    member _.Kernel = kernel
    /// P^k.
    member _.Power k = power k
    /// The stationary law π.
    member _.Stationary = stationary.Value
    /// The least τ with max TV(P^k(z,·), P^k(z',·)) ≤ (1/4)^⌊k/τ⌋ for every k.
    member _.MixingTime = mixing.Value
    /// max TV(P^k(z,·), P^k(z',·)).
    member _.Spread k = spread k
    /// The maps of which P is a mixture, with their probabilities.
    member _.Maps = maps

    /// The one-hot state z (1 × 1 × m).
    member _.State(z: int) : Block =
        Block.vector (Array.init m (fun j -> if j = z then 1.0 else 0.0))

    /// A law as a block (1 × 1 × m).
    member _.Law(law: float[]) : Block = Block.vector law

    /// `count` independent transitions.
    member _.Transitions(count: int) : Draw<Indices> =
        let sequences () =
            Seq.init (pown maps.Length count) (fun code ->
                let list = Array.init count (fun j -> code / pown maps.Length j % maps.Length)

                {
                    Probability = list |> Array.fold (fun p at -> p * probabilities[at]) 1.0
                    Outcome = Indices.Constant(maps.Length, list)
                })

        Draw(
            1,
            (fun address lanes -> Sampler.WeightedIndex(address, 1, lanes, count, probabilities)),
            Law.Finite(float maps.Length ** float count, sequences)
        )

    /// The state after transition `at` of those drawn.
    member _.Move (transitions: Indices) (at: int) (state: Block) : Block =
        let own =
            Array.init transitions.Lanes (fun lane -> transitions.Values[lane * transitions.Count + at])

        state.ApplyAt(matrices, Indices(1, transitions.Lanes, 1, maps.Length, own))

    /// The law after k steps from a law, or from a state.
    member _.Later (k: int) (law: Block) : Block = law.Apply(power k, true)

    /// τ, π and the mixture of maps, with their certificates.
    member _.Constants = [
        Constant.exact "tau" "bisection on powers of P, TV as half an ℓ1 distance" (float mixing.Value) (fun () ->
            float (mixingByWalking ()))
        Constant.exact "max pi" "πP = π as a linear system" (Array.max stationary.Value) (fun () ->
            let far = power (64 * mixing.Value)
            Seq.max (Seq.init m (fun j -> far[0, j])))
        Constant.exact
            "max P"
            "largest entry of the kernel, against the mixture of maps"
            (LinearAlgebra.MaxAbs kernel)
            (fun () ->
                let mixture = Linear.combine probabilities matrices
                let off = LinearAlgebra.MaxAbs(LinearAlgebra.Subtract(mixture.Transpose(), kernel))
                LinearAlgebra.MaxAbs mixture + off)
    ]
