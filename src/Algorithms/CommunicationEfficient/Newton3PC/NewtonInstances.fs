/// Logistic regressions on which the local claims of Newton-3PC are checked, and states near their solutions.
module Theory.Algorithms.CommunicationEfficient.NewtonInstances

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms.CommunicationEfficient.MechanismClaims
open Theory.Algorithms.CommunicationEfficient.Newton3PC

/// A logistic regression and a mechanism.
type NewtonSpec = {
    Workers: int
    RowsPerWorker: int
    Dimension: int
    Lambda: float
    Kind: string
    K: int
    P: float
    Zeta: float
    Seed: int
}

let problem (spec: NewtonSpec) : IHessianSum =
    Logistic.synthetic {
        Workers = spec.Workers
        RowsPerWorker = spec.RowsPerWorker
        Dimension = spec.Dimension
        Kappa = 2.0
        Spread = 1.0
        Seed = spec.Seed
    }
    |> Logistic.workers spec.Workers (Logistic.options spec.Lambda)
    :> IHessianSum

/// s = α/2.
let parameters (spec: NewtonSpec) (f: IHessianSum) : Parameters = {
    Mu = f.StrongConvexity
    Mechanism =
        mechanism {
            Kind = spec.Kind
            K = spec.K
            P = spec.P
            Zeta = spec.Zeta
            S = 0.5
            Relative = true
            Seed = spec.Seed
        }
}

/// Where Hessian errors are measured from.
[<RequireQualifiedAccess>]
type Reference =
    | Solution
    | Iterate

let private hessians (f: IHessianSum) reference (x: Block) =
    match reference with
    | Reference.Solution -> f.Hessians f.Minimiser
    | Reference.Iterate -> f.Hessians x

/// x within `radius` of x* and mean ‖H_i − reference‖² + weight·‖x − x*‖² at most `phi`: states outside are pulled in.
let pullIn (f: IHessianSum) reference (radius: float) (weight: float) (phi: float) (s: State) : State =
    let shrink (limit: float) (size: float) =
        if size > limit then limit / size * (1.0 - 1e-12) else 1.0

    let factors (limit: float) (sizes: Block) = sizes.Map(fun v -> shrink limit v)

    let away = s.X - f.Minimiser
    let error = s.H - hessians f reference s.X
    let away = away * factors radius (Block.norm away)

    let total = Block.meanNormSquared error + weight * Block.normSquared away

    let both = factors (sqrt phi) (total.SquareRoot())
    let x = f.Minimiser + away * both

    {
        X = x
        H = hessians f reference x + error * both
    }

/// States with symmetric errors of the Hessians, each lane with another share of error, up to the border of the region.
let states
    (ctx: CheckContext)
    (f: IHessianSum)
    reference
    (radius: float)
    (weight: float)
    (phi: float)
    (lanes: int)
    : State =
    let d = f.Dimension
    let noise = Sampler.Gaussian(CheckContext.address ctx 2, f.Count, lanes, d * d)

    let symmetric =
        let m = noise.Reshape(d, d)
        let sum = (m + m.Transposed()).Materialise()
        Block.FromValues(Shape.Vector(f.Count, lanes, d * d), System.ReadOnlySpan(sum.ToArray()))

    // From nearly all error in the Hessians to none.
    let shares =
        Block.ofRows (Array.init lanes (fun j -> [| max 0.02 (float (j % 6) / 5.0) |]))

    let direction = CheckContext.gaussianStarts ctx 1 lanes d 1.0
    // Far out: the projection brings them to the border.
    let x = f.Minimiser + direction * shares * (10.0 * radius)
    let errors = (10.0 * sqrt phi) * (symmetric * (shares.AddConstant -1.0))

    pullIn f reference radius weight phi {
        X = x
        H = hessians f reference x + errors
    }

let private standard kind k p = {
    Workers = 3
    RowsPerWorker = 8
    Dimension = 3
    Lambda = 0.1
    Kind = kind
    K = k
    P = p
    Zeta = 2.0
    Seed = 1
}

/// The catalogue of mechanisms of an instance list.
let own (kinds: (string * int * float) list) =
    kinds |> List.map (fun (kind, k, p) -> standard kind k p)

/// Generated instances with mechanisms of the given kinds.
let instances (kinds: string list) =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! rows = Gen.choose (2, 8)
            let! dimension = Gen.choose (2, 3)
            let! lambda = Gen.elements [ 0.03; 0.1; 1.0 ]
            let! kind = Gen.elements kinds
            let! k = Gen.choose (1, dimension * dimension - 1)
            let! p = Gen.elements [ 0.3; 0.5; 0.8 ]
            let! zeta = Gen.elements [ 0.5; 2.0; 8.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                RowsPerWorker = rows
                Dimension = dimension
                Lambda = lambda
                Kind = kind
                K = k
                P = p
                Zeta = zeta
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.RowsPerWorker > 2 then
                    { spec with RowsPerWorker = 2 }

                if spec.K > 1 then
                    { spec with K = 1 }
            })
