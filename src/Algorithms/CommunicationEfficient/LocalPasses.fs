/// What methods with local training share: passes of K local steps on every client, sampled clients, and the point that
/// averaged local passes on quadratics return to.
module Theory.Algorithms.CommunicationEfficient.LocalPasses

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.Compressors

/// y_0 = x, y_{k+1} = y_k − η·direction k y_k on every client: the K + 1 blocks y_0 … y_K, each n × lanes × d.
let points (steps: int) (eta: float) (direction: int -> Block -> Block) (start: Block) : Block list =
    List.scan (fun y k -> y - eta * direction k y) start [ 0 .. steps - 1 ]

/// The last of these points: what a client returns.
let pass steps eta direction start : Block =
    List.last (points steps eta direction start)

/// U = (1/(nK)) Σ_i Σ_{k<K} ‖y_{i,k} − x‖² of the points of a pass from x, per lane.
let drift (x: Block) (points: Block list) : Block =
    let before = points |> List.take (points.Length - 1)

    let total =
        before
        |> List.map (fun y -> Block.meanNormSquared (y - x))
        |> List.reduce (fun a b -> a + b)

    total / float before.Length

/// max L_i: what every client's function is smooth with.
let smoothness (f: IFiniteSum) = Array.max f.Smoothnesses

/// min μ_i where the problem certifies the μ_i, else 0.
let strongConvexity (f: IFiniteSum) =
    match box f with
    | :? IStronglyConvexSum as q -> Array.min q.StrongConvexities
    | _ -> 0.0

// ---- Sampled clients -------------------------------------------------------------------------------------------

/// s of n clients, drawn uniformly without replacement.
let sample (participants: int) (clients: int) : Draw<Indices> =
    if participants >= clients then
        Draw.always (Indices.Constant(clients, [| 0 .. clients - 1 |]))
    else
        Draw.subset participants clients

/// Σ over the drawn clients: 1 × lanes × d.
let sumOver (drawn: Mask) (values: Block) : Block =
    Block.sum (Block.choose drawn values (0.0 * values))

/// What a round of s of n clients with K local steps costs: counters of one client are means over the n clients. `up` and
/// `down` count the vectors that a client sends and receives.
let cost (f: IFiniteSum) (steps: int) (participants: int) (up: int) (down: int) : Charge list =
    let share = float participants / float f.Count
    let floats count = share * float (count * f.Dimension)

    [
        Charge.each Counter.Gradients (share * float steps)
        Charge.each Counter.LocalSteps (share * float steps)
        Charge.each Counter.Rounds 1.0
        Charge.each Counter.Messages (2.0 * float participants)
        Charge.each Counter.UplinkFloats (floats up)
        Charge.each Counter.UplinkBits (share * float up * identity.Bits f.Dimension)
        Charge.each Counter.DownlinkFloats (floats down)
    ]

// ---- Passes of gradient steps on quadratics --------------------------------------------------------------------

/// G = Σ_{j<K} (I − ηA)^j A, so that a pass moves x − b by ηG(x − b) and I − (I − ηA)^K = ηG, without cancellation.
let passMatrix (steps: int) (eta: float) (a: Matrix) : Matrix =
    let zero = LinearAlgebra.Scale(0.0, a)

    // G_{j+1} = A + (I − ηA)G_j.
    Seq.init steps id
    |> Seq.fold
        (fun g _ ->
            let kept = LinearAlgebra.Combine(1.0, g, -eta, LinearAlgebra.Multiply(a, g))
            LinearAlgebra.Add(a, kept))
        zero

/// H⁻¹v as a block.
let solve (h: Matrix) (v: float[]) : Block =
    let x = Decompositions.Solve(h, Matrix(v.Length, 1, v))
    Block.vector (Array.init v.Length (fun j -> x[j, 0]))

/// (1/n) Σ M_i v_i.
let meanProduct (matrices: Matrix[]) (vectors: float[][]) : float[] =
    let products =
        Array.map2 (fun (m: Matrix) (v: float[]) -> LinearAlgebra.Multiply(m, ReadOnlySpan v)) matrices vectors

    Array.init vectors[0].Length (fun j -> products |> Array.averageBy (fun v -> v[j]))

/// x_FA = (Σ S_i)⁻¹ Σ S_i b_i, S_i = I − (I − ηA_i)^K: where averaged passes of K gradient steps stay.
let averagedPassFixedPoint (steps: int) (eta: float) (f: Quadratic) : Block =
    let moved = f.Matrices |> Array.map (passMatrix steps eta)
    solve (Linear.mean moved) (meanProduct moved f.Centres)

// ---- Equality of two points ------------------------------------------------------------------------------------

/// Two values of one lane (any number of workers) that are computed by few operations agree to rounding.
let samePoint label (a: Block) (b: Block) : Evidence =
    let norm x =
        Block.totalNormSquared x |> Block.lanes |> Array.exactlyOne |> sqrt

    let gap, size = norm (a - b), norm a

    let holds = gap <= Rounding.allowance (float (a.Workers * a.Dimension)) (1.0 + size)

    let row = {
        Label = label
        Measured = gap
        Bound = 0.0
        Holds = holds
    }

    {
        Evidence.ofRows Rung.Spectral Relation.Equal [ row ] with
            Tightness = if holds then 1.0 else infinity
    }
