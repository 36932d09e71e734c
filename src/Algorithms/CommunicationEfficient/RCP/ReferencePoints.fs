/// The reference points of a meta-epoch and their distance from x*, exactly.
module Theory.Algorithms.CommunicationEfficient.RcpReference

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.RcpCohorts

/// Clients with N samples each, cohorts and a stepsize.
type RcpSpec = {
    /// M.
    Clients: int
    /// N.
    Samples: int
    /// C, a divisor of M.
    Cohort: int
    Dimension: int
    Kappa: float
    Spread: float
    Scatter: float
    /// γL ∈ (0, 1].
    GammaL: float
    Seed: int
}

/// The quadratic clients of a specification, whose Bregman divergences are ½⟨∇f(y)−∇f(x), y−x⟩.
let problem (spec: RcpSpec) =
    WeightedClientSpec.convex (
        WeightedClientSpec.equal spec.Clients spec.Samples {
            Sizes = ""
            Dimension = spec.Dimension
            Kappa = spec.Kappa
            Spread = spec.Spread
            Scatter = spec.Scatter
            Seed = spec.Seed
        }
    )
    :> IWeightedClients

/// γ = GammaL/L.
let parametersOf (f: IWeightedClients) (spec: RcpSpec) : Parameters = {
    Gamma = spec.GammaL / largest f
    Cohort = spec.Cohort
}

/// Outcomes with probabilities, as lists of numbers.
type ListLaw = (float * int[]) list

/// The law of a draw of lists.
let lawOf (draw: Draw<Indices>) : ListLaw = [ for o in draw.Outcomes -> o.Probability, (o.Outcome.At(0, 0)).ToArray() ]

let private single (size: int) (i: int) = Indices.Constant(size, i)

/// Displacements of the reference points from x* in units of −γ: Σ over the cohorts before round r of the mean of N∇f_m(x*).
let private displacements (f: IWeightedClients) (p: Parameters) (order: int[]) : Block list =
    let own = f.ClientGradients f.Minimiser
    let _, n = sizes f

    let moved (sum: Block) (cohort: int[]) =
        let total =
            cohort |> Array.map (fun m -> own.Worker m) |> Array.reduce (fun a b -> a + b)

        (sum + (float n / float p.Cohort) * total).Materialise()

    order
    |> Array.chunkBySize p.Cohort
    |> List.ofArray
    |> List.scan moved (Block.zeros 1 1 f.Dimension)

/// D_{f_m^i}(x* − γe, x*)/γ² of a quadratic sample.
let private divergence (f: IWeightedClients) m i (e: Block) =
    let at = f.SampleGradient m (single f.Sizes[m] i)
    0.5 * (Block.lanes (Block.dot e (at (f.Minimiser + e) - at f.Minimiser)))[0]

/// (1/γ²)(mean over an order law of) D along one client's pass from displacement e, one number a local step.
let private along (f: IWeightedClients) (passes: int -> ListLaw) m (e: Block) : float[] =
    let gradients =
        Array.init f.Sizes[m] (fun i -> f.SampleGradient m (single f.Sizes[m] i) f.Minimiser)

    passes m
    |> List.map (fun (probability, order) ->
        let places = order |> Array.scan (fun at i -> at + gradients[i]) e
        order |> Array.mapi (fun step i -> probability * divergence f m i places[step]))
    |> List.reduce (Array.map2 (+))

/// σ_RCP² = max over rounds r and local steps i of (1/γ²)·E(1/C)Σ_{m∈S_r} D(reference point, x*), for a law of the cohorts' order
/// and of every client's pass.
let radius (f: IWeightedClients) (p: Parameters) (orders: ListLaw) (passes: int -> ListLaw) : float =
    let one (probability, order: int[]) =
        let places = displacements f p order

        order
        |> Array.chunkBySize p.Cohort
        |> Array.mapi (fun r cohort ->
            cohort
            |> Array.map (fun m -> along f passes m places[r])
            |> Array.reduce (Array.map2 (+))
            |> Array.map (fun v -> probability * v / float p.Cohort))

    orders
    |> List.map one
    |> List.reduce (Array.map2 (Array.map2 (+)))
    |> Seq.concat
    |> Seq.max

/// The radius of uniform cohorts and orders.
let uniformRadius (f: IWeightedClients) (p: Parameters) =
    radius f p (lawOf (Draws.cohorts p.Cohort f.Sizes.Length)) (fun m -> lawOf (Draw.permutation f.Sizes[m]))

/// After the last cohort the reference point is x* again, for each of the given orders of the clients.
let returns (f: IWeightedClients) (p: Parameters) (orders: int[] list) : Evidence =
    let size (e: Block) = (Block.lanes (Block.norm e))[0]
    let own = (Block.lanes (Block.sum (Block.norm (f.ClientGradients f.Minimiser))))[0]
    let scale = float f.Sizes[0] * (own + largest f * size f.Minimiser)

    let one order =
        let left = size (List.last (displacements f p order))

        {
            Label = "reference point after the meta-epoch, distance from x* over γ"
            Measured = left
            Bound = 0.0
            Holds = left <= Rounding.identity (float (f.Sizes.Length * f.Dimension)) scale
        }

    let evidence =
        orders |> List.map one |> Evidence.ofRows Rung.Enumerated Relation.Equal

    // An equality with zero: attained when it holds.
    {
        evidence with
            Tightness = if evidence.Violation.IsNone then 1.0 else infinity
    }

/// A typical specification.
let usual = {
    Clients = 4
    Samples = 2
    Cohort = 2
    Dimension = 2
    Kappa = 10.0
    Spread = 1.0
    Scatter = 0.5
    GammaL = 0.1
    Seed = 1
}

/// Specifications with the given (M, N, C).
let instances (shapes: (int * int * int) list) maxDimension =
    let generator =
        gen {
            let! clients, samples, cohort = Gen.elements shapes
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 1.0; 4.0; 10.0; 30.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! scatter = Gen.elements [ 0.0; 0.5; 2.0 ]
            let! gammaL = Gen.elements [ 1.0; 0.5; 0.1; 0.02 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Clients = clients
                Samples = samples
                Cohort = cohort
                Dimension = dimension
                Kappa = kappa
                Spread = spread
                Scatter = scatter
                GammaL = gammaL
                Seed = seed
            }
        }

    Instances.generated generator (fun spec ->
        seq {
            if spec.Dimension > 1 then
                { spec with Dimension = 1 }

            if spec.Samples > 1 then
                { spec with Samples = spec.Samples - 1 }

            if spec.Scatter > 0.0 then
                { spec with Scatter = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        })
