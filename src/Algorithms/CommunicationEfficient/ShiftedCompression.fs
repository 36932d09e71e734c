/// Shifted compression: compressed gradients around shifts, and compressed iterates (GDCI).
///
/// Shulgin, Richtárik, "Shifted Compression Framework: Generalizations and Improvements", UAI 2022, arXiv 2206.10452.
/// Problem: f = (1/n) Σ f_i, f L-smooth and μ-strongly convex, f_i convex and L_i-smooth, independent Q_i ∈ U(ω).
/// Fixed shifts are CompressedGD.fs, learned shifts DIANA.fs; the framework's other methods stand in the folder Shift. This
/// file has the theorems on fixed shifts, generalised DIANA and GDCI, two of which fail as printed.
module Theory.Algorithms.CommunicationEfficient.ShiftedCompression

open FsCheck.FSharp
open Theory
open Theory.Numerics
open Theory.Problems
open Theory.Algorithms
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations
open Theory.Algorithms.CommunicationEfficient.GDCI

// ---- CE-SHIFT.1: fixed shifts ----------------------------------------------------------------------------------

let private fixedShifts (spec: QuadraticSpec) (share: float) =
    let f = Quadratic.distributed spec :> IFiniteSum
    let p = CompressedGD.parametersFor (randK 1) f
    let centre: CompressedGD.State = { X = f.Minimiser }

    Spectral.contraction
        (Method.on f p CompressedGD.method)
        centre
        None
        (CompressedGD.distance f)
        (CompressedGD.contraction f p)
        (share * CompressedGD.noise f p)

let private standard: QuadraticSpec = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    Spread = 3.0
    Seed = 1
}

let shiftsClaim: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.1"
            ClaimKind.Mean
            "h = 0, γ ≤ 1/(L+2ωLmax/n): E‖x⁺−x*‖² ≤ (1−γμ)‖x−x*‖² + (2γ²ω/n²) Σ‖∇f_i(x*)‖²"
            (Quadratic.instances 3 3 |> Instances.startingWith [ standard ])
            (fun _ spec -> fixedShifts spec 1.0) with
            Formula =
                @"\mathbb E\|x_k-x_*\|^2\le(1-\gamma\mu)^k\|x_0-x_*\|^2+\frac{2\gamma\omega}{\mu n^2}\sum_i\|\nabla f_i(x_*)\|^2"
            Assumptions = "f_i convex, f μ-strongly convex, Q_i ∈ U(ω) independent, shifts h_i = 0"
            Source = "arXiv 2206.10452, theorem 1; here for one step and every state"
            Falsifiers = [
                Falsifier.check "no neighbourhood" (fun _ spec -> fixedShifts spec 0.0)
                // x = x* attains half of the term.
                Falsifier.check "0.49 of the neighbourhood" (fun _ spec -> fixedShifts spec 0.49)
            ]
    }

// ---- CE-SHIFT.7: generalised DIANA -----------------------------------------------------------------------------

/// Quadratics of condition number κ (κ = 1: f_i = ½‖x−b_i‖²) with Bernoulli compression.
type WeightSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// Probability of the Bernoulli compressor: ω = 1/P − 1.
    P: float
    /// M as a multiple of ω/(nα) (of 1/(nα) where the weights ω_i stand inside V); more than 2.
    M: float
    Seed: int
}

/// What stands in V and in the rate: the theorem, its print, and a repair that is none.
type private Form =
    /// V = ‖x−x*‖² + Mγ²·mean‖h_i−∇f_i(x*)‖², rate 1 − α + 2ω/(nM).
    | Plain
    /// ω inside V, the rate unchanged.
    | Printed
    /// ω inside V, rate 1 − α + 2/(nM), γ unchanged.
    | RateOnly

/// One step of DIANA, which is the generalised method with C_i = 0.
let private weighted (form: Form) (stretch: float) (spec: WeightSpec) =
    let quadratic: QuadraticSpec = {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

    let f = Quadratic.distributed quadratic :> IFiniteSum
    let compressor = bernoulli spec.P
    let omega, n = omegaOf compressor f.Dimension, float f.Count
    let alpha = 1.0 / (1.0 + omega)
    let inside = if form = Plain then 1.0 else omega
    let m = spec.M * (omega / inside) / (n * alpha)
    let largest = Array.max f.Smoothnesses
    let gamma = stretch / (2.0 / n * omega * largest + (1.0 + alpha * m) * largest)

    let p: DIANA.Parameters = {
        Gamma = gamma
        Alpha = alpha
        Compressor = compressor
    }

    let ideal = DIANA.fixedPoint f

    let v (s: DIANA.State) =
        Block.normSquared (s.X - ideal.X)
        + (m * gamma * gamma * inside) * Block.meanNormSquared (s.H - ideal.H)

    let factor =
        max (1.0 - gamma * f.StrongConvexity) (1.0 - alpha + (if form = RateOnly then 2.0 else 2.0 * omega) / (n * m))

    Spectral.contraction (Method.on f p DIANA.method) ideal None v factor 0.0

/// On this one the printed rate fails: E V_1/V_0 = 1 − α + 1/(nM) from x = x*.
let private smallOmega = {
    Workers = 6
    Dimension = 1
    Kappa = 1.0
    P = 0.75
    M = 2.2
    Seed = 1
}

let private weightInstances =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 4)
            let! dimension = Gen.choose (1, 2)
            let! kappa = Gen.elements [ 1.0; 10.0 ]
            let! p = Gen.elements [ 0.25; 0.5; 0.75; 0.9 ]
            let! m = Gen.elements [ 2.1; 2.2; 4.0; 10.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                P = p
                M = m
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 1 then
                    { spec with Dimension = 1 }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })

/// On this one the printed stepsize does not even keep E V from growing when ω stands inside V: λmax = 1.0012.
let private largeOmega = {
    Workers = 1
    Dimension = 1
    Kappa = 10.0
    P = 0.25
    M = 10.0
    Seed = 0
}

let private weightSpec id statement form : ClaimSpec<WeightSpec> = {
    Claim.spec
        id
        ClaimKind.Mean
        statement
        (weightInstances
         |> Instances.startingWith [
             smallOmega
             largeOmega
             {
                 smallOmega with
                     Workers = 2
                     Dimension = 2
                     Kappa = 10.0
                     P = 0.5
             }
         ])
        (fun _ -> weighted form 1.0) with
        Assumptions = "α = 1/(1+ω), C_i = 0, γ ≤ 1/((2/n)ωLmax + (1+αM)Lmax)"
}

let generalised: Claim =
    Claim.create {
        weightSpec
            "CE-SHIFT.7"
            "generalised DIANA, V = ‖x−x*‖² + Mγ²·mean‖h_i−∇f_i(x*)‖², M > 2ω/(nα): E V_{k+1} ≤ max{1−γμ, 1−α+2ω/(nM)} E V_k"
            Plain with
            Formula = @"\mathbb E V_{k+1}\le\max\{1-\gamma\mu,\,1-\alpha+\tfrac{2\omega}{nM}\}V_k"
            Source =
                "arXiv 2206.10452, theorem 3, without the weights ω_i in V and with M > 2ω/(nα): E‖g‖² adds (2ω/n)σ², Eσ²⁺ adds 2αLmax·D_f, so M stands in V, rate and stepsize with no ω"
            Falsifiers = [
                Falsifier.check "γ × 4" (fun _ -> weighted Plain 4.0)
                Falsifier.check "ω inside V, rate 1−α+2/(nM), the printed γ" (fun _ -> weighted RateOnly 1.0)
            ]
            // ω = 1, n = 2, γ = 1/4, and both terms of the factor are 3/4.
            Tight =
                Some {
                    Instance = {
                        smallOmega with
                            Workers = 2
                            Dimension = 2
                            P = 0.5
                            M = 4.0
                    }
                    AtLeast = 1.0 - 1e-9
                }
    }

let generalisedPrinted: Claim =
    Claim.create {
        weightSpec
            "CE-SHIFT.7-printed"
            "generalised DIANA as printed: V = ‖x−x*‖² + Mγ²ω·mean‖h_i−∇f_i(x*)‖², M > 2/(nα), the rate of CE-SHIFT.7"
            Printed with
            Formula = @"\mathbb E V_{k+1}\le\max\{1-\gamma\mu,\,1-\alpha+\tfrac{2\omega}{nM}\}V_k"
            Source = "arXiv 2206.10452, theorem 3, as printed"
            Erratum =
                Some
                    "with ω inside V the variance adds 2/(nM), not 2ω/(nM), to the rate (for ω < 1/2 the printed rate is too small: E V_1/V_0 = 1−α+1/(nM) from x = x*), and γ needs αMω for αM (for ω > 1 it is too long); without ω in V all is right: CE-SHIFT.7"
    }

// ---- CE-SHIFT.9: compressed iterates ---------------------------------------------------------------------------

/// Quadratics, and where η and γ lie in their ranges.
type IterateSpec = {
    Workers: int
    Dimension: int
    Kappa: float
    /// η as a share of its bound.
    EtaShare: float
    /// γ between its ends: 0 for 1/μ, 1 for the largest; −1 for a quarter of the largest, whatever μ.
    GammaShare: float
    Seed: int
}

let private iterates (noiseShare: float) (spec: IterateSpec) =
    let quadratic: QuadraticSpec = {
        Workers = spec.Workers
        Dimension = spec.Dimension
        Kappa = spec.Kappa
        Spread = 3.0
        Seed = spec.Seed
    }

    let f = Quadratic.distributed quadratic :> IFiniteSum
    let compressor = randK 1
    let eta = spec.EtaShare * largestEta compressor f
    let most, least = largestGamma compressor f eta, 1.0 / f.StrongConvexity

    let gamma =
        if spec.GammaShare < 0.0 then
            most / 4.0
        else
            least + spec.GammaShare * (most - least)

    let p = {
        Gamma = gamma
        Eta = eta
        Compressor = compressor
    }

    Spectral.contraction
        (Method.on f p method)
        { X = f.Minimiser }
        None
        (distance f)
        (1.0 - eta)
        (noiseShare * noise f p)

let private scalarCase = {
    Workers = 1
    Dimension = 1
    Kappa = 1.0
    EtaShare = 0.5
    GammaShare = -1.0
    Seed = 1
}

let private iterateCase = {
    Workers = 2
    Dimension = 2
    Kappa = 10.0
    EtaShare = 1.0
    GammaShare = 1.0
    Seed = 1
}

let private iterateInstances =
    Instances.generated
        (gen {
            let! workers = Gen.choose (1, 3)
            let! dimension = Gen.choose (1, 3)
            let! kappa = Gen.elements [ 1.0; 3.0; 10.0 ]
            let! eta = Gen.elements [ 0.1; 0.3; 1.0 ]
            let! gamma = Gen.elements [ 0.0; 0.5; 1.0 ]
            let! seed = Gen.choose (0, 10000)

            return {
                Workers = workers
                Dimension = dimension
                Kappa = kappa
                EtaShare = eta
                GammaShare = gamma
                Seed = seed
            }
        })
        (fun spec ->
            seq {
                if spec.Workers > 1 then
                    { spec with Workers = spec.Workers - 1 }

                if spec.Dimension > 1 then
                    {
                        spec with
                            Dimension = spec.Dimension - 1
                    }

                if spec.Seed > 0 then
                    { spec with Seed = spec.Seed / 2 }
            })

let compressedIterates: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.9"
            ClaimKind.Mean
            "GDCI, 1/μ ≤ γ ≤ (1+2ηω/n)/(η(L+2Lmaxω/n)): E‖x⁺−x*‖² ≤ (1−η)‖x−x*‖² + (2η²ω/n)·mean‖x*−γ∇f_i(x*)‖²"
            (iterateInstances
             |> Instances.startingWith [ iterateCase; { iterateCase with GammaShare = 0.0 } ])
            (fun _ -> iterates 1.0) with
            Formula =
                @"\mathbb E\|x_k-x_*\|^2\le(1-\eta)^k\|x_0-x_*\|^2+\frac{2\eta\omega}{n}\cdot\frac1n\sum_i\|x_*-\gamma\nabla f_i(x_*)\|^2"
            Assumptions = "η ≤ 1/(L/μ+(2ω/n)(Lmax/μ−1))"
            Source = "arXiv 2206.10452, theorem 5, with the lower end γ ≥ 1/μ"
            Falsifiers = [
                Falsifier.check "γ below 1/μ" (fun _ spec -> iterates 1.0 { spec with GammaShare = -1.0 })
                Falsifier.check "no neighbourhood" (fun _ -> iterates 0.0)
            ]
    }

let compressedIteratesPrinted: Claim =
    Claim.create {
        Claim.spec
            "CE-SHIFT.9-printed"
            ClaimKind.Mean
            "GDCI as printed, any γ ≤ (1+2ηω/n)/(η(L+2Lmaxω/n)): the bound of CE-SHIFT.9"
            (Instances.only [ scalarCase ])
            (fun _ -> iterates 1.0) with
            Formula =
                @"\gamma\le\frac{1+2\eta\omega/n}{\eta(L+2L_{\max}\omega/n)}\ \Rightarrow\ \mathbb E\|x_k-x_*\|^2\le(1-\eta)^k\|x_0-x_*\|^2+\dots"
            Assumptions = "η ≤ 1/(L/μ+(2ω/n)(Lmax/μ−1)), no lower end for γ"
            Source = "arXiv 2206.10452, theorem 5, as printed"
            Erratum =
                Some
                    "small γ cannot contract by 1−η: f = ½x², ω = 0, η = γ = ½ gives x⁺ = ¾x, so .5625 > .5; γ ≥ 1/μ is needed (CE-SHIFT.9)"
    }

let paper: Paper = {
    Key = "CE-SHIFT"
    Title = "Shifted Compression Framework: Generalizations and Improvements"
    Citation = "Shulgin, Richtárik, UAI 2022, arXiv 2206.10452"
    Family = "communication-efficient"
    Problem =
        "f = (1/n) Σ f_i, f_i convex and L_i-smooth, f μ-strongly convex; independent unbiased compressors Q_i ∈ U(ω)"
    Methods = [
        MethodEntry.create STAR.method
        MethodEntry.create GeneralisedDIANA.method
        MethodEntry.create RandDIANA.method
        MethodEntry.create GDCI.method
        MethodEntry.create VRGDCI.method
    ]
    Claims = [
        shiftsClaim
        STAR.starClaim
        STAR.starTopClaim
        RandDIANAClaims.equalClaim
        RandDIANAClaims.dianaClaim
        ShiftedCompressors.variance
        ShiftedCompressors.nonlinear
        VRGDCIClaims.compressedIterates
        VRGDCIClaims.vanishes
        VRGDCIClaims.lyapunovClaim
        generalised
        generalisedPrinted
        GeneralisedDIANA.generalisedShifts
        RandDIANAClaims.ownClaim
        compressedIterates
        compressedIteratesPrinted
    ]
}
