namespace Theory

open System
open Theory.Numerics

/// The rung Spectral: when the step is affine in the state for each outcome and both sides are quadratic, a one-step
/// inequality E[m(s⁺)] ≤ b(s) holds for every state at once iff a matrix inequality does; the worst ratio over all
/// states is a generalized eigenvalue, and its eigenvector is the worst start.
[<RequireQualifiedAccess>]
module Spectral =

    let private congruence (t: float[,]) (p: float[,]) : float[,] =
        let rows, columns = Array2D.length1 t, Array2D.length2 t
        let pt = Array2D.zeroCreate rows columns

        for i in 0 .. rows - 1 do
            for k in 0 .. rows - 1 do
                let v = p[i, k]

                if v <> 0.0 then
                    for j in 0 .. columns - 1 do
                        pt[i, j] <- pt[i, j] + v * t[k, j]

        let result = Array2D.zeroCreate columns columns

        for k in 0 .. rows - 1 do
            for i in 0 .. columns - 1 do
                let v = t[k, i]

                if v <> 0.0 then
                    for j in 0 .. columns - 1 do
                        result[i, j] <- result[i, j] + v * pt[k, j]

        result

    /// Σ_o p_o T_oᵀ P T_o.
    let expected (maps: (float * float[,])[]) (p: float[,]) : float[,] =
        let size = Array2D.length1 p
        let total = Array2D.zeroCreate size size

        for weight, t in maps do
            let one = congruence t p

            for i in 0 .. size - 1 do
                for j in 0 .. size - 1 do
                    total[i, j] <- total[i, j] + weight * one[i, j]

        total

    let private largest (m: float[,]) =
        let mutable most = 0.0
        m |> Array2D.iter (fun v -> most <- max most (abs v))
        most

    /// Forms are symmetric; a difference of two that agree is rounding noise, whose asymmetry is removed.
    let private toMatrix (m: float[,]) =
        LinearAlgebra.Symmetrise(Matrix.Create(Array2D.length1 m, Array2D.length2 m, (fun i j -> m[i, j])))

    /// The state at coordinates (u, 1), or a direction when the last coordinate vanishes, as text.
    let private describe (vector: float[]) =
        let last = vector[vector.Length - 1]

        let shown, kind =
            if abs last > 1e-8 then
                vector |> Array.map (fun v -> v / last), "worst start, relative to the solution"
            else
                let norm = vector |> Array.sumBy (fun v -> v * v) |> sqrt
                vector |> Array.map (fun v -> v / norm), "worst direction from the solution"

        let numbers =
            shown[.. shown.Length - 2]
            |> Array.map (fun v -> v.ToString "G4")
            |> String.concat ", "

        $"{kind}: ({numbers})"

    /// What a one-step inequality is about.
    [<NoEquality; NoComparison>]
    type OneStep<'S, 'D> = {
        Process: Process<'S, 'D>
        /// A state with one lane around which coordinates are taken: the solution with ideal control variates.
        Centre: 'S
        /// Linear quantities that stay zero (Σ h_i = 0, say); states are restricted to them.
        Keeps: ('S -> Block) option
        /// m, on the next state.
        Measure: 'S -> Block
        /// b, on the present state.
        Bound: 'S -> Block
        Relation: Relation
        /// Draws may be replaced by finitely many outcomes of the same mean and covariance.
        MatchMoments: bool
    }

    /// E[m(s⁺)] against b(s) for every state s of the instance.
    let oneStep (claim: OneStep<'S, 'D>) : Evidence =
        let codec = Codec.ofTemplate claim.Centre

        // What the state carries beside its blocks (a step counter) may change: the statement is about the step from the
        // centre's counter to the next, and the measure sees the next.
        let forms =
            Affine.path claim.MatchMoments codec claim.Centre claim.Process 1
            |> Result.bind (fun (centres, maps) ->
                Affine.quadratic codec (Array.last centres) claim.Measure
                |> Result.bind (fun m ->
                    Affine.quadratic codec claim.Centre claim.Bound
                    |> Result.map (fun b -> maps[0], m, b)))

        match forms with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok(maps, measure, bound) ->
            let basis = Affine.admissible codec claim.Centre claim.Keeps
            let g = congruence basis (expected maps measure.Matrix)
            let b = congruence basis bound.Matrix
            let size = Array2D.length1 g
            // The measure's own size sets the scale: both sides can vanish together (a method that lands in one step).
            let scale =
                max (largest (congruence basis measure.Matrix)) (max (largest g) (largest b))

            let allowance = Rounding.allowance (float (size * size)) 1.0

            let back (y: float[]) =
                Array.init (Array2D.length1 basis) (fun i -> Seq.sum (Seq.init size (fun j -> basis[i, j] * y[j])))

            let form (m: float[,]) (y: float[]) =
                let mutable total = 0.0

                for i in 0 .. size - 1 do
                    for j in 0 .. size - 1 do
                        total <- total + y[i] * m[i, j] * y[j]

                total

            let evidence tightness holds note worst =
                let rows = [
                    {
                        Label = "worst ratio over all states, E[measure after the step] / bound"
                        Measured = tightness
                        Bound = 1.0
                        Holds = holds
                    }
                    match worst with
                    | Some y -> {
                        Label = "at the worst start"
                        Measured = form g y
                        Bound = form b y
                        Holds = holds
                      }
                    | None -> ()
                ]

                {
                    Rung = Rung.Spectral
                    Relation = claim.Relation
                    Violation = if holds then None else Some rows[0]
                    Undecided = None
                    Tightness = tightness
                    Cases = maps.Length
                    Rows = lazy rows
                    Note = note
                }

            match claim.Relation with
            | Relation.Equal ->
                let difference = Array2D.init size size (fun i j -> g[i, j] - b[i, j])
                let worst = if scale = 0.0 then 0.0 else largest difference / scale
                let holds = worst <= allowance

                let eigen = Decompositions.SymmetricEigen(toMatrix difference)

                let at =
                    if abs eigen.Values[0] > abs eigen.Values[size - 1] then
                        0
                    else
                        size - 1

                let y = Array.init size (fun i -> eigen.Vectors[i, at])
                let tightness = if holds then 1.0 else form g y / form b y
                evidence tightness holds (if holds then "equal for every state" else describe (back y)) (Some y)
            | Relation.AtMost
            | Relation.AtLeast ->
                let upper, lower = if claim.Relation = Relation.AtMost then b, g else g, b

                if largest upper <= Rounding.vanishing * scale then
                    let holds = largest lower <= allowance * scale
                    evidence (if holds then 1.0 else infinity) holds "the bound vanishes on every state" None
                else

                    let eigen = Decompositions.SymmetricEigen(toMatrix upper)

                    if eigen.Values[0] < -allowance * scale then
                        // The larger side is not a nonnegative form; the ratio has no meaning, the difference has.
                        let difference = Array2D.init size size (fun i j -> upper[i, j] - lower[i, j])
                        let gap = Decompositions.SymmetricEigen(toMatrix difference)
                        let y = Array.init size (fun i -> gap.Vectors[i, 0])
                        let holds = gap.Values[0] >= -allowance * scale

                        evidence
                            (if holds then 1.0 - gap.Values[0] / scale else infinity)
                            holds
                            (describe (back y))
                            (Some y)
                    else
                        let pencil =
                            Decompositions.GeneralizedEigen(toMatrix lower, toMatrix upper, Rounding.rank)

                        // A must vanish where the bound does, to rounding, else the ratio is unbounded.
                        let unbounded =
                            if pencil.NullDefect <= allowance * scale then
                                None
                            else
                                Option.ofObj pencil.NullVector

                        match unbounded with
                        | Some direction ->
                            let y = Array.ofSeq direction
                            evidence infinity false (describe (back y)) (Some y)
                        | None ->
                            let y = Array.ofSeq pencil.Vector
                            // ⟨y, By⟩ = 1, so a long y means that the bound is small there against its largest entries.
                            let length = y |> Array.sumBy (fun v -> v * v)
                            let holds = pencil.Value <= 1.0 + allowance + Rounding.form scale length
                            evidence pencil.Value holds (describe (back y)) (Some y)

    /// E V(s⁺) ≤ ρ V(s) + C for every state, and so at every step. Undecided when the step changes what the state carries
    /// beside its blocks, since then each step has a map of its own.
    let contraction proc centre keeps (lyapunov: 'S -> Block) (rho: float) (noise: float) : Evidence =
        match Affine.outcomes false (Codec.ofTemplate centre) centre proc with
        | Error reason -> Evidence.undecided Rung.Spectral reason
        | Ok _ ->
            oneStep {
                Process = proc
                Centre = centre
                Keeps = keeps
                Measure = lyapunov
                Bound = fun s -> rho * lyapunov s + Block.scalar noise
                Relation = Relation.AtMost
                MatchMoments = false
            }
