/// Special cases of L2GD and CL2GD, and the solution.
module Theory.Algorithms.CommunicationEfficient.L2GDLimits

open System
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.L2GDClaims

/// The solution of (diag(A_i)/n + (λ/n)Π)x = diag(A_i)b/n, with λ/n multiplied by `factor`.
let private linearSolution factor (f: PersonalisedQuadratic) : Block =
    let p = f :> IPersonalisedSum
    let n, d = p.Count, p.Dimension
    let c = factor * p.Lambda / float n

    let entry row column =
        let i, j = row / d, column / d

        let curvature =
            if i = j then
                f.Quadratic.Matrices[i].[row % d, column % d] / float n
            else
                0.0

        let projection = (if i = j then 1.0 else 0.0) - 1.0 / float n
        curvature + (if row % d = column % d then c * projection else 0.0)

    let right =
        Array.init n (fun i ->
            LinearAlgebra.Multiply(f.Quadratic.Matrices[i], ReadOnlySpan f.Quadratic.Centres[i])
            |> Array.map (fun v -> v / float n))
        |> Array.concat

    let x =
        Decompositions.Solve(Matrix.Create(n * d, n * d, entry), Matrix(n * d, 1, right))

    Block.ofWorkers (Array.init n (fun i -> Array.init d (fun k -> x[i * d + k, 0])))

/// ∇F: block i is (1/n)(∇f_i(x_i) + λ(x_i − x̄)).
let private gradient (f: IPersonalisedSum) (x: Block) =
    (1.0 / float f.Count) * (f.Gradients x + f.Lambda * (x - Block.mean x))

/// A long run of gradient descent on F ends at the linear system's solution, which is the problem's.
let private solves factor (spec: PersonalSpec) =
    let f = personal spec :?> PersonalisedQuadratic
    let p = f :> IPersonalisedSum
    let n = float p.Count
    let gamma = n / (L2GD.smoothness p + p.Lambda)
    let rate = 1.0 - gamma * L2GD.convexity p / n
    let steps = int (ceil (log 1e-13 / log rate))

    let descended =
        (Block.zeros p.Count 1 p.Dimension, seq { 1..steps })
        ||> Seq.fold (fun x _ -> (x - gamma * gradient p x).Materialise())

    let solution = linearSolution factor f
    let size = (Block.lanes (Block.totalNormSquared solution))[0] |> sqrt

    let gap label (a: Block) (b: Block) =
        Evidence.row
            Relation.AtMost
            (p.Count * p.Dimension)
            steps
            label
            (sqrt (Array.head (Block.lanes (Block.totalNormSquared (a - b)))))
            (Rounding.allowance (float (p.Count * p.Dimension * steps)) (1.0 + size))

    Evidence.ofRows Rung.Trajectories Relation.AtMost [
        gap $"linear system against {steps} steps of gradient descent" solution descended
        gap "linear system against the problem's solution" solution p.PersonalSolution
    ]

/// λ = 0: heads move nothing, tails are local gradient descent of every client, and the solutions are the clients' own.
let private separate lambda (spec: PersonalSpec) =
    let f = personal { spec with Lambda = lambda } :?> PersonalisedQuadratic
    let p: L2GD.Parameters = { Eta = 0.1; P = spec.P }
    let state = L2GD.init f (Block.zeros 1 1 spec.Dimension)
    let n = float spec.Clients

    let own (xi: Mask) (s: L2GD.State) =
        if xi[0, 0] then
            s.X
        else
            s.X - (p.Eta / (n * (1.0 - p.P))) * (f :> IPersonalisedSum).Gradients s.X

    let steps =
        [ true; false ]
        |> List.map (fun side ->
            let xi = Mask.Constant side
            AffineIdentity.forEveryState state None (fun s -> (L2GD.step f p xi s).X) (own xi))

    let apart =
        Block.norm ((f :> IPersonalisedSum).PersonalSolution - Block.ofWorkers f.Quadratic.Centres)

    Evidence.all [
        yield! steps
        Evidence.ofRows Rung.Spectral Relation.AtMost [
            Evidence.row
                Relation.AtMost
                1
                1
                "distance of the solutions from the clients' own"
                (apart.ToArray() |> Array.max)
                (Rounding.allowance
                    (float (spec.Dimension * spec.Dimension))
                    (3.0 * spec.Kappa * sqrt (float spec.Dimension)))
        ]
    ]
    |> MaskChecks.summarised

/// Σ‖x_i*−x̄*‖² ≤ (2/λ) Σ(f_i(x_c) − min f_i) with x_c the consensus solution: h forces consensus as λ grows, and x̄*
/// tends to x_c.
let private consensus power (spec: PersonalSpec) =
    let valueAt (f: PersonalisedQuadratic) (x: Block) =
        let shifted = x - Block.ofWorkers f.Quadratic.Centres

        0.5
        * (Block.lanes (Block.sum (Block.dot shifted (shifted.Apply f.Quadratic.Matrices))))[0]

    [
        for lambda in [ 1.0; 1e2; 1e4; 1e6 ] do
            let f = personal { spec with Lambda = lambda } :?> PersonalisedQuadratic
            let p = f :> IPersonalisedSum
            let x = p.PersonalSolution
            let spread = (Block.lanes (Block.totalNormSquared (x - Block.mean x)))[0]
            let excess = valueAt f (Block.repeatWorkers p.Count p.Minimiser)

            Evidence.row
                Relation.AtMost
                spec.Dimension
                1
                $"Σ‖x_i*−x̄*‖² at λ = {lambda}"
                spread
                (2.0 / lambda ** power * excess)
    ]
    |> Evidence.ofRows Rung.Spectral Relation.AtMost

/// ω = 0: CL2GD is L2GD, with a new mean at every heads from every state, and with the received one along runs.
let private withoutCompression deviceK (ctx: CheckContext) (spec: PersonalSpec) =
    let f, p =
        compressed {
            spec with
                DeviceK = deviceK
                MasterK = spec.Dimension
        }

    let plain = L2GD.step f (CompressedL2GD.uncompressed p)

    let asPlain (s: CompressedL2GD.State) : L2GD.State = {
        X = s.X
        Previous = s.Previous
        Communications = s.Communications
    }

    let fresh = Method.on f p CompressedL2GD.fresh
    let centre = CompressedL2GD.init f (Block.zeros 1 1 spec.Dimension)

    let everyState =
        MaskChecks.sameSteps
            centre
            None
            (fresh.Draw.Outcomes |> Seq.map (fun o -> o.Outcome))
            id
            (fun o s -> (fresh.Step o s).X)
            (fun (xi, _) s -> (plain xi (asPlain s)).X)

    let x0 = CheckContext.gaussianStarts ctx 1 3 spec.Dimension 3.0

    let run =
        Trajectories.same
            ctx
            (Method.on f p CompressedL2GD.method)
            (CompressedL2GD.init f x0)
            (fun s -> Block.mean s.X)
            (Method.on f (CompressedL2GD.uncompressed p) L2GD.method)
            (L2GD.init f x0)
            (fun s -> Block.mean s.X)
            60

    Evidence.all [ everyState; run ]

let limits: Claim =
    Claim.create {
        Claim.spec
            "CE-L2GD.5"
            ClaimKind.Exact
            "x* solves (diag(A_i)/n + (λ/n)Π)x = diag(A_i)b/n; λ = 0: independent local GD; Σ‖x_i*−x̄*‖² ≤ (2/λ)Σ(f_i(x_c) − min f_i); ω = 0: CL2GD is L2GD"
            (instances 3 3 |> Instances.counts 1 3 20)
            (fun ctx spec ->
                Evidence.all [
                    solves 1.0 spec
                    separate 0.0 spec
                    consensus 1.0 spec
                    withoutCompression spec.Dimension ctx spec
                ]) with
            Formula =
                @"\bigl(\tfrac1n\operatorname{diag}(A_i)+\tfrac\lambda n\Pi\bigr)x^*=\tfrac1n\operatorname{diag}(A_i)b"
            Assumptions = "quadratics; Π projects on what differs from the mean"
            Source = "derived; the bound on the spread compares F at its minimiser with F at consensus"
            Falsifiers = [
                Falsifier.check "λ in place of λ/n" (fun _ spec -> solves (float spec.Clients) spec)
                Falsifier.check "λ = 0.1 against independent clients" (fun _ -> separate 0.1)
                Falsifier.check "the spread falls like 1/λ³" (fun _ -> consensus 3.0)
                Falsifier.check "Rand-1 devices against L2GD" (withoutCompression 1)
                |> Falsifier.at [ twoClients ]
            ]
    }
