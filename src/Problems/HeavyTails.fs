namespace Theory.Problems

open System
open MathNet.Numerics
open Theory
open Theory.Numerics

/// Noise of a gradient or operator oracle with E ξ = 0 and E‖ξ‖^a = σ^a for a moment order a ∈ (1, 2], equality
/// included; higher moments may be infinite. Blocks are 1 × lanes × d.
[<RequireQualifiedAccess>]
module HeavyTails =

    let private checkOrder order sigma =
        if not (order > 1.0 && order <= 2.0) then
            invalidArg (nameof order) $"A moment order lies in (1, 2], got {order}."

        if not (sigma >= 0.0) then
            invalidArg (nameof sigma) $"σ must be ≥ 0, got {sigma}."

    /// A finite law given by its vectors and their probabilities.
    let atoms (probabilities: float[]) (vectors: float[][]) : Draw<Block> =
        let dimension = vectors[0].Length

        Draw.weightedIndex probabilities
        |> Draw.map (fun index ->
            let values = Array.zeroCreate (index.Lanes * dimension)

            for lane in 0 .. index.Lanes - 1 do
                Array.blit vectors[index.At(0, lane)[0]] 0 values (lane * dimension) dimension

            Block.Own(Shape.Vector(1, index.Lanes, dimension), values))

    /// E‖ξ‖^order of a finite law, over its outcomes.
    let moment (order: float) (draw: Draw<Block>) : float =
        draw.Outcomes
        |> Array.sumBy (fun o -> o.Probability * (Block.lanes (Block.norm o.Outcome))[0] ** order)

    /// ±A e_1 with probability q/2 each, 0 otherwise, A = σ q^{−1/a}: the law that attains most bounds on tails.
    let threePoint (dimension: int) (order: float) (sigma: float) (q: float) : NoiseOracle =
        checkOrder order sigma

        if not (q > 0.0 && q <= 1.0) then
            invalidArg (nameof q) $"The probability of a hit lies in (0, 1], got {q}."

        let size = sigma * q ** (-1.0 / order)

        let along v =
            Array.init dimension (fun j -> if j = 0 then v else 0.0)

        let draw =
            if q = 1.0 then
                atoms [| 0.5; 0.5 |] [| along size; along -size |]
            else
                atoms [| 0.5 * q; 0.5 * q; 1.0 - q |] [| along size; along -size; along 0.0 |]

        {
            Name = $"three points, P(hit) = {q:G4}, size {size:G4}"
            Draw = draw
            Order = order
            Sigma =
                Constant.exact "sigma" "A q^{1/a}" (size * q ** (1.0 / order)) (fun () ->
                    moment order draw ** (1.0 / order))
        }

    /// A radius times an independent uniform direction of R^d; the radius may carry a sign.
    let private radial dimension (radius: DrawAddress -> int -> Block) : Draw<Block> =
        Draw.sampled 2 (fun address lanes ->
            let direction =
                Sampler.Gaussian(address.AtSite(address.Site + 1), 1, lanes, dimension)

            let noise = radius address lanes * (direction / Block.norm direction)
            // Draws are host values: the engine of the state adopts them.
            Block.Own(noise.Shape, noise.ToArray()))

    /// ∫_0^∞ h(y) dy for an h that falls like e^{−decay·y} and may start like a power of y: Gauss–Legendre on panels that
    /// shrink towards 0.
    let private halfLine (decay: float) (h: float -> float) =
        let far = 45.0 / decay

        let panel low high =
            Integration.GaussLegendreRule.Integrate(h, low, high, 64)

        Seq.init 60 (fun i -> panel (far * 0.5 ** float (i + 1)) (far * 0.5 ** float i))
        |> Seq.sum

    /// ρ·u with u uniform on the sphere and P(ρ > r) = (s/r)^tail for r ≥ s; tail > a. E ρ^a = s^a·tail/(tail − a).
    let pareto (dimension: int) (order: float) (tail: float) (sigma: float) : NoiseOracle =
        checkOrder order sigma

        if not (tail > order) then
            invalidArg (nameof tail) $"A Pareto radius of tail index {tail} has no moment of order {order}."

        let scale = sigma * (1.0 - order / tail) ** (1.0 / order)

        {
            Name = $"Pareto radius of tail index {tail:G4}"
            Draw = radial dimension (fun address lanes -> Sampler.SymmetricPareto(address, 1, lanes, 1, tail, scale))
            Order = order
            Sigma =
                Constant.exact
                    "sigma"
                    "s·(tail/(tail − a))^{1/a}"
                    (scale * (tail / (tail - order)) ** (1.0 / order))
                    (fun () ->
                        let power = halfLine (1.0 - order / tail) (fun y -> exp (y * (order / tail - 1.0)))
                        scale * power ** (1.0 / order))
        }

    /// E|T|^a of Student's t with ν degrees of freedom: ν^{a/2} Γ((a+1)/2) Γ((ν−a)/2) / (√π Γ(ν/2)).
    let private studentMoment (nu: float) (order: float) =
        let logarithm =
            0.5 * order * log nu
            + SpecialFunctions.GammaLn(0.5 * (order + 1.0))
            + SpecialFunctions.GammaLn(0.5 * (nu - order))
            - SpecialFunctions.GammaLn(0.5 * nu)

        exp logarithm / sqrt Math.PI

    /// The same as an integral, over Bailey's polar form T = √(ν(U^{−2/ν} − 1))·cos(2πV).
    let private studentMomentIntegral (nu: float) (order: float) =
        // With U = e^{−y}; the growing factor e^{a·y/ν} is taken out of the power, so that nothing overflows.
        let radius =
            halfLine (1.0 - order / nu) (fun y ->
                (nu * (1.0 - exp (-2.0 * y / nu))) ** (0.5 * order)
                * exp (y * (order / nu - 1.0)))

        let panel low high =
            Integration.GaussLegendreRule.Integrate((fun v -> cos v ** order), low, high, 32)

        // cos^a vanishes like a power at π/2: panels that shrink towards it.
        let half = 0.5 * Math.PI

        let angle =
            Seq.init 40 (fun i -> panel (half * (1.0 - 0.5 ** float i)) (half * (1.0 - 0.5 ** float (i + 1))))
            |> Seq.sum

        radius * angle / half

    /// c·T·u with T Student's t of ν > a degrees of freedom and u uniform on the sphere, c such that E‖ξ‖^a = σ^a.
    let student (dimension: int) (order: float) (nu: float) (sigma: float) : NoiseOracle =
        checkOrder order sigma

        if not (nu > order) then
            invalidArg (nameof nu) $"Student's t with {nu} degrees of freedom has no moment of order {order}."

        let scale = sigma * studentMoment nu order ** (-1.0 / order)

        {
            Name = $"Student radius with {nu:G4} degrees of freedom"
            Draw = radial dimension (fun address lanes -> scale * Sampler.StudentT(address, 1, lanes, 1, nu))
            Order = order
            Sigma =
                Constant.exact
                    "sigma"
                    "c·(E|T|^a)^{1/a} by Γ functions"
                    (scale * studentMoment nu order ** (1.0 / order))
                    (fun () -> scale * studentMomentIntegral nu order ** (1.0 / order))
        }

    /// Gaussian noise with E‖ξ‖² = σ², or none at all for σ = 0.
    let gaussian (dimension: int) (sigma: float) : NoiseOracle =
        let each = sigma / sqrt (float dimension)

        {
            Name =
                if sigma = 0.0 then
                    "no noise"
                else
                    $"Gaussian, σ = {sigma:G4}"
            Draw =
                if sigma = 0.0 then
                    Draw.always (Block.zeros 1 1 dimension)
                else
                    Draw.gaussians 1 dimension |> Draw.map (fun x -> each * x)
            Order = 2.0
            Sigma =
                Constant.exact "sigma" "√d · (σ/√d)" (sqrt (float dimension) * each) (fun () ->
                    if sigma = 0.0 then
                        0.0
                    else
                        // The outcomes that match the first two moments have the covariance's trace.
                        (Draw.gaussians 1 dimension).MomentOutcomes
                        |> Array.sumBy (fun o ->
                            o.Probability * (Block.lanes (Block.normSquared (each * o.Outcome)))[0])
                        |> sqrt)
        }
