namespace Theory.Algorithms

open Theory
open Theory.Numerics

/// The rung *Spectral* for identities between expectations of vectors: when every outcome's step is affine, so are both
/// sides, and two affine functions that agree on an affine basis agree on every state.
[<RequireQualifiedAccess>]
module AffineEquality =

    let private check name (states: float[][]) (left: Block) (right: Block) operations =
        let lanes = states.Length

        let left, right =
            Block.rows (Block.stretch lanes left), Block.rows (Block.stretch lanes right)

        let rows =
            Array.map2
                (fun (l: float[]) (r: float[]) ->
                    let gap = Array.map2 (fun a b -> (a - b) * (a - b)) l r |> Array.sum |> sqrt
                    gap, l |> Array.sumBy (fun v -> v * v) |> sqrt)
                left
                right
            |> Array.mapi (fun i (gap, size) ->
                let scale = 1.0 + size + (states[i] |> Array.map abs |> Array.max)

                {
                    Label = $"{name}, basis state {i}: distance of the two sides"
                    Measured = gap
                    Bound = 0.0
                    Holds = gap <= Rounding.allowance operations scale
                })
            |> List.ofArray

        // Equality: attained when it holds.
        let evidence = Evidence.ofRows Rung.Spectral Relation.Equal rows

        {
            evidence with
                Tightness =
                    if evidence.Violation.IsNone then
                        1.0
                    else
                        evidence.Tightness
        }

    /// The centre and its neighbours along a basis of the admissible states, and two random admissible states.
    let private basisStates (codec: Codec<'S>) (centre: 'S) keeps =
        let origin = (codec.Pack centre)[0]
        let basis = Affine.admissible codec centre keeps
        let columns = Array2D.length2 basis - 1

        let along (weights: float[]) =
            origin
            |> Array.mapi (fun i v -> v + Seq.sum (Seq.init columns (fun j -> basis[i, j] * weights[j])))

        [|
            yield origin
            yield! Array.init columns (fun j -> along (Array.init columns (fun c -> if c = j then 1.0 else 0.0)))

            if columns > 0 then
                yield!
                    Block.rows (Sampler.Gaussian(DrawAddress(20250101UL, 79u, 0, 0, 0), 1, 2, columns))
                    |> Array.map along
        |]

    /// E[value(s⁺)] = expected(s) for every state that `keeps` allows. `value` and `expected` are affine vectors of the
    /// state (1 × lanes × any dimension).
    let mean (proc: Process<'S, 'D>) (centre: 'S) keeps (value: 'S -> Block) (expected: 'S -> Block) : Evidence =
        let codec = Codec.ofTemplate centre

        match Affine.outcomes true codec centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok maps ->
            let origin = (codec.Pack centre)[0]
            let rows = basisStates codec centre keeps

            let moved =
                rows
                |> Array.map (fun row ->
                    let z = Array.append (Array.map2 (-) row origin) [| 1.0 |]

                    origin
                    |> Array.mapi (fun i v ->
                        v
                        + (maps
                           |> Array.sumBy (fun (p, t) -> p * Seq.sum (Seq.init z.Length (fun j -> t[i, j] * z[j]))))))

            check
                "expectation"
                rows
                (value (codec.Unpack centre moved))
                (expected (codec.Unpack centre rows))
                (float (codec.Dimension * maps.Length))

    /// value(s⁺) = expected(s) for every outcome and every state that `keeps` allows.
    let everyOutcome
        (proc: Process<'S, 'D>)
        (centre: 'S)
        keeps
        (value: 'S -> Block)
        (expected: 'S -> Block)
        : Evidence =
        let codec = Codec.ofTemplate centre

        match Affine.outcomes false codec centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok _ ->
            let rows = basisStates codec centre keeps
            let states = codec.Unpack centre rows

            proc.Draw.Outcomes
            |> Array.mapi (fun o outcome ->
                check
                    $"outcome {o}"
                    rows
                    (value (proc.Step outcome.Outcome states))
                    (expected states)
                    (float codec.Dimension))
            |> List.ofArray
            |> Evidence.all
