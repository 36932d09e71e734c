namespace Theory.Problems

open System
open FsCheck.FSharp
open Theory
open Theory.Numerics

/// Clients and their samples by a few numbers.
[<NoComparison>]
type WeightedClientSpec = {
    /// N_1, …, N_n as text: "1,4,10", or "1+4+10" where commas mean something else.
    Sizes: string
    /// d ≥ 1.
    Dimension: int
    /// Convex samples have spectra 1 … κ.
    Kappa: float
    /// Scale of the clients' centres.
    Spread: float
    /// Scale of a client's sample centres around its own.
    Scatter: float
    Seed: int
}

/// Specifications of clients with data of unequal sizes, and what is built from them.
[<RequireQualifiedAccess>]
module WeightedClientSpec =

    /// N_1 … N_n.
    let sizes (spec: WeightedClientSpec) : int[] =
        let parsed =
            spec.Sizes.Split([| ','; '+' |], StringSplitOptions.RemoveEmptyEntries)
            |> Array.map (fun text ->
                match Int32.TryParse text with
                | true, v when v >= 1 -> v
                | _ ->
                    invalidArg
                        (nameof spec)
                        $"Sizes are positive integers with commas between them, got '{spec.Sizes}'.")

        if parsed.Length = 0 then
            invalidArg (nameof spec) "There must be a client."

        parsed

    /// The text of sizes.
    let text (sizes: int seq) = String.Join(",", sizes)

    let private centres (spec: WeightedClientSpec) (sizes: int[]) =
        let gaussian scale site =
            Linear.gaussians spec.Seed site spec.Dimension |> Array.map ((*) scale)

        sizes
        |> Array.mapi (fun i size ->
            let own = gaussian spec.Spread (1 + 2 * i)
            Array.init size (fun j -> Array.map2 (+) own (gaussian spec.Scatter (1001 + 1000 * i + 2 * j))))

    let private describe kind (spec: WeightedClientSpec) =
        $"clients with {spec.Sizes} {kind} samples, d = {spec.Dimension}"

    /// Convex samples: spectra geometric from 1 to κ in random frames; in dimension 1 the curvatures go from 1 to κ over all
    /// samples.
    let convex (spec: WeightedClientSpec) : WeightedClients =
        let sizes, d = sizes spec, spec.Dimension
        let total = Array.sum sizes
        let curvatures = Linear.geometric 1.0 spec.Kappa total

        let hessian at =
            if d = 1 then
                // Neighbours in the list get different curvatures.
                LinearAlgebra.Diagonal [| curvatures[(at * 7 + spec.Seed) % total] |]
            else
                LinearAlgebra.FromSpectrum(
                    Linear.rotation spec.Seed (2 * at) d,
                    ReadOnlySpan(Linear.geometric 1.0 spec.Kappa d)
                )

        let first = Array.scan (+) 0 sizes

        let matrices =
            sizes
            |> Array.mapi (fun i size -> Array.init size (fun j -> hessian (first[i] + j)))

        let name = describe "convex" spec
        WeightedClients($"{name}, κ = {spec.Kappa:G4}", matrices, centres spec sizes)

    /// Symmetric indefinite A_ij around ∇²f = diag(1, …, 0.02): L = 1, f is convex, the f_ij are not.
    let indefinite (spec: WeightedClientSpec) : WeightedClients =
        let sizes, d = sizes spec, spec.Dimension
        let target = LinearAlgebra.Diagonal(Linear.geometric 0.02 1.0 d |> Array.rev)

        let raw =
            sizes
            |> Array.mapi (fun i size ->
                Array.init size (fun j ->
                    let g = Linear.gaussians spec.Seed (5000 + 1000 * i + 2 * j) (d * d)
                    Matrix.Create(d, d, (fun r c -> 0.25 * (g[r * d + c] + g[c * d + r])))))

        // w_i/N_i is the same for all samples.
        let drift = Linear.mean (Array.concat raw)

        let matrices =
            raw
            |> Array.map (Array.map (fun a -> Linear.combine [| 1.0; -1.0; 1.0 |] [| a; drift; target |]))

        WeightedClients(describe "indefinite" spec, matrices, centres spec sizes)

    /// All samples of client i are ½h‖x − b_i‖²: what a pass over the data does is known in closed form.
    let isotropic (curvature: float) (sizes: int[]) (centres: float[][]) : WeightedClients =
        let hessian = LinearAlgebra.Scale(curvature, Matrix.Identity centres[0].Length)

        WeightedClients(
            $"clients with {text sizes} equal samples",
            sizes |> Array.map (fun size -> Array.replicate size hessian),
            Array.map2 (fun size b -> Array.replicate size b) sizes centres
        )

    /// The same specification with equal sizes: n clients of m samples.
    let equal clients samples (spec: WeightedClientSpec) = {
        spec with
            Sizes = text (Seq.replicate clients samples)
    }

    /// Specifications with sizes from a list, and dimensions up to the given one.
    let generator (sizes: string list) maxDimension : FsCheck.Gen<WeightedClientSpec> =
        gen {
            let! sizes = Gen.elements sizes
            let! dimension = Gen.choose (1, maxDimension)
            let! kappa = Gen.elements [ 1.0; 2.0; 4.0; 10.0; 30.0 ]
            let! spread = Gen.elements [ 0.0; 1.0; 3.0 ]
            let! scatter = Gen.elements [ 0.0; 0.5; 2.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Sizes = sizes
                Dimension = dimension
                Kappa = kappa
                Spread = spread
                Scatter = scatter
                Seed = seed
            }
        }

    /// Smaller specifications: fewer clients, dimensions, rounder numbers.
    let shrink (spec: WeightedClientSpec) : WeightedClientSpec seq =
        seq {
            let all = sizes spec

            if all.Length > 1 then
                {
                    spec with
                        Sizes = text (Array.tail all)
                }

            if spec.Dimension > 1 then
                {
                    spec with
                        Dimension = spec.Dimension - 1
                }

            if spec.Scatter > 0.0 then
                { spec with Scatter = 0.0 }

            if spec.Seed > 0 then
                { spec with Seed = spec.Seed / 2 }
        }

    /// Specifications as a claim's instances.
    let instances (sizes: string list) maxDimension : Instances<WeightedClientSpec> =
        Instances.generated (generator sizes maxDimension) shrink
