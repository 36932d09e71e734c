/// What partial participation costs in uploads (CE-DASHAPP.4).
module Theory.Algorithms.CommunicationEfficient.DashaUploads

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.DashaParticipants

/// Scalar clients with a given smoothness L of the mean and root mean square L̂.
type UploadSpec = {
    /// n, even.
    Clients: int
    Smoothness: float
    /// L̂ ≥ L.
    MeanSquare: float
}

/// Half of the curvatures above L, half below.
let private scalars (spec: UploadSpec) =
    let apart = sqrt (spec.MeanSquare ** 2.0 - spec.Smoothness ** 2.0)

    Quadratic(
        $"{spec.Clients} scalar clients",
        Array.init spec.Clients (fun i ->
            LinearAlgebra.Diagonal [| spec.Smoothness + (if i % 2 = 0 then apart else -apart) |]),
        Array.init spec.Clients (fun _ -> [| 1.0 |])
    )
    :> IFiniteSum

/// Uploads for one unit of 2(f(x_0)−f*)/ε: a step's messages over its γ.
let private uploads (f: IFiniteSum) (s: int) =
    let sending = {
        Compressor = identity
        Participation = Participation.nice s f.Count
    }

    let p = DashaFullGradients.parametersFor sending f
    let proc = Method.on f p DashaFullGradients.method
    let outcome = proc.Draw.Sample(DrawAddress(1UL, 0u, 0, 0, 0), 1)
    Costs.total Counter.Messages (proc.Cost outcome) / p.Gamma

let private table (spec: UploadSpec) (constant: float) =
    let f = scalars spec
    let n = float spec.Clients

    let closed s =
        float s * spec.Smoothness
        + 4.0 * spec.MeanSquare * sqrt n * sqrt ((n - float s) / (n - 1.0))

    let few = [ 1 .. int (sqrt n) ]
    let counted = few |> List.map (uploads f)
    let exact relation label = Evidence.row relation 4 1 label

    Evidence.all [
        Evidence.ofRows
            Rung.Enumerated
            Relation.AtMost
            (List.map2
                (fun s v ->
                    exact
                        Relation.AtMost
                        $"uploads with s = {s}"
                        v
                        (constant * sqrt n * max spec.Smoothness spec.MeanSquare))
                few
                counted)
        Evidence.ofRows
            Rung.Enumerated
            Relation.Equal
            (exact Relation.Equal "all clients" (uploads f spec.Clients) (n * spec.Smoothness)
             :: List.map2 (fun s v -> exact Relation.Equal $"closed form at s = {s}" v (closed s)) few counted)
    ]

let private hundred = {
    Clients = 100
    Smoothness = 1.0
    MeanSquare = 1.0
}

let uploadsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-DASHAPP.4"
            ClaimKind.Count
            "s-nice, no compression: uploads to a fixed accuracy ∝ s/γ = sL+4L̂√n·√((n−s)/(n−1)) ≤ 5√n·max{L, L̂} for every s ≤ √n, against nL with all clients"
            (Instances.generated
                (gen {
                    let! half = Gen.elements [ 1; 2; 5; 8; 32; 72 ]
                    let! smoothness = Gen.elements [ 0.1; 1.0; 5.0 ]
                    let! ratio = Gen.elements [ 1.0; 1.3; 4.0 ]

                    return {
                        Clients = 2 * half
                        Smoothness = smoothness
                        MeanSquare = ratio * smoothness
                    }
                })
                (fun _ -> Seq.empty)
             |> Instances.startingWith [ hundred ])
            (fun _ spec -> table spec 5.0) with
            Formula = @"\tfrac s\gamma=sL+4\hat L\sqrt n\sqrt{\tfrac{n-s}{n-1}}\le 5\sqrt n\max\{L,\hat L\}"
            Assumptions =
                "γ of CE-DASHAPP.1 with ω = 0, p_a = s/n, p_aa = s(s−1)/(n(n−1)); messages of the method's own counter"
            Source = "derived"
            Falsifiers = [
                Falsifier.check "4√n" (fun _ spec -> table spec 4.0) |> Falsifier.at [ hundred ]
            ]
            Tight = Some { Instance = hundred; AtLeast = 0.96 }
    }
