/// What compressors send: the round trip of every format, and its measured size.
module Theory.Tests.CompressorTests

open System
open Xunit
open Theory
open Theory.Numerics
open Theory.Algorithms.CommunicationEfficient
open Theory.Algorithms.CommunicationEfficient.Compressors
open Theory.Algorithms.CommunicationEfficient.CompressorCombinations

let private d = 12

let zoo: Compressor list = [
    identity
    randK 1
    randK 5
    contractiveRandK 3
    bernoulli 0.25
    topK 1
    topK 4
    topK d
    threshold 0.2
    threshold 0.9
    mix 2 3
    comp 2 5
    scaledSign
    natural
    dithering 1
    dithering 3
    dithering 16
    ternary
    PermK.permK 3
    PermK.permK 5
    kashin 2
    kashin 5
    kashinWith 3 6 (Frames.orthonormalRows 1.5 1)
    lowRank 1 3 4
    lowRank 2 3 4
    scaled 0.5 (randK 4)
    bestScaled (dithering 1) d
    compose natural (randK 3)
    compose (bernoulli 0.5) natural
    induced (topK 2) (randK 2)
    induced (topK 2) natural
    averaged 3 (randK 2)
    averaged 2 natural
    shifted (Array.init d (fun i -> float (i % 3) - 0.5)) (randK 3)
    shifted (Array.init d float) (topK 2)
]

let names: TheoryData<string> =
    TheoryData<string>(zoo |> List.map (fun c -> c.Name))

let private named name =
    zoo |> List.find (fun c -> c.Name = name)

let private vectors: (string * float[]) list = [
    "Gaussian", (Block.rows (Sampler.Gaussian(DrawAddress(3UL, 1u, 0, 0, 0), 1, 1, d)))[0]
    "heavy-tailed",
    (Block.rows (Sampler.Gaussian(DrawAddress(4UL, 1u, 0, 0, 0), 1, 1, d)))[0]
    |> Array.map (fun v -> v * v * v)
    "flat", Array.init d (fun i -> if i % 3 = 0 then -1.5 else 1.5)
    "with zeros", Array.init d (fun i -> if i % 4 = 1 then 0.0 else float (i - 5))
    "one entry", Array.init d (fun i -> if i = 7 then -3.0 else 0.0)
    "zero", Array.zeroCreate d
]

let private draws (c: Compressor) count =
    Array.init count (fun k -> (c.Draw 1 d).Sample(DrawAddress(11UL, 2u, k, 0, 0), 1))

[<Theory; MemberData(nameof names)>]
let ``what is decoded is what was compressed, in single precision`` (name: string) =
    let c = named name

    for label, x in vectors do
        let scale = x |> Array.map abs |> Array.max

        for draw in draws c 16 do
            let compressed = (c.Apply draw (Block.vector x)).ToArray()[.. d - 1]
            let decoded = c.Encoding.Decode d draw (c.Encoding.Encode draw x)
            Assert.Equal(d, decoded.Length)

            for i in 0 .. d - 1 do
                // Two roundings to single precision, where scales and factors are sent apart.
                let allowed =
                    4.0
                    * 2.0 ** -24.0
                    * (abs compressed[i]
                       + (if name.StartsWith "rank" then 8.0 * scale
                          elif name.EndsWith "shifted" then scale + float d
                          else 0.0))
                    + 1e-38

                Assert.True(
                    abs (decoded[i] - compressed[i]) <= allowed,
                    $"{label}, entry {i}: {decoded[i]} for {compressed[i]}"
                )

[<Theory; MemberData(nameof names)>]
let ``what is sent is as long as declared`` (name: string) =
    let c = named name
    let declared = c.Bits d

    for label, x in vectors do
        if
            label <> "with zeros" && label <> "one entry" && label <> "zero"
            || name <> "scaled sign"
        then
            let sizes =
                draws c 400 |> Array.map (fun draw -> float (c.Encoding.Encode draw x).Length)

            let mean = Array.average sizes
            let spread = sqrt (sizes |> Array.averageBy (fun s -> (s - mean) ** 2.0))
            // Fixed formats to the bit; random lengths within five standard errors of the mean.
            Assert.True(mean <= declared + 5.0 * spread / 20.0, $"{label}: {mean} bits, declared {declared}")

[<Fact>]
let ``fixed formats have exactly the declared length`` () =
    for c in
        [
            identity
            randK 5
            topK 4
            mix 2 3
            comp 2 5
            scaledSign
            natural
            dithering 3
            ternary
            lowRank 1 3 4
        ] do
        let x = snd vectors.Head
        let draw = (draws c 1)[0]
        let expected = if c.Name = "ternary" then None else Some(int (c.Bits d))

        match expected with
        | Some bits -> Assert.Equal(bits, (c.Encoding.Encode draw x).Length)
        | None -> Assert.True(float (c.Encoding.Encode draw x).Length <= c.Bits d)

[<Fact>]
let ``zero entries cost scaled signs a second bit each`` () =
    let x = snd vectors[3]
    Assert.Equal(32 + 2 * d, (scaledSign.Encoding.Encode CompressorDraw.Nothing x).Length)

[<Fact>]
let ``a message that is too short is refused`` () =
    let draw = (draws (topK 4) 1)[0]
    let message = (topK 4).Encoding.Encode draw (snd vectors.Head)

    Assert.Throws<ArgumentException>(fun () -> (topK 4).Encoding.Decode d draw message[.. message.Length - 2] |> ignore)
    |> ignore

[<Fact>]
let ``natural compression names an entry that has no code`` () =
    let error =
        Assert.Throws<ArgumentException>(fun () ->
            let draw = (draws natural 1)[0]
            natural.Encoding.Encode draw (Array.create d 1e-40) |> ignore)

    Assert.Contains("power of two", error.Message)

[<Fact>]
let ``no compressor beats the uncertainty principle`` () =
    for c in zoo do
        match UncertaintyPlane.place c d with
        | Some point -> Assert.True(point.Variance = 0.0 || point.Product >= 1.0, $"{c.Name}: {point.Product}")
        | None -> ()

[<Fact>]
let ``the plane has the closed form of Rand-k`` () =
    let point = (UncertaintyPlane.place (randK 3) d).Value
    Assert.Equal(0.75, point.Variance, 12)
    Assert.Equal(8.0, point.BitsPerEntry, 12)
    Assert.Equal(0.75 * 4.0 ** 8.0, point.Product, 6)

[<Fact>]
let ``a shifted compressor errs in proportion to the distance from its shift, and not at all there`` () =
    let h = Array.init d (fun i -> float (i % 4) - 1.0)
    let c = shifted h (randK 3)

    for _, x in vectors do
        let law = c.ExactLaw x

        let distance (a: float[]) (b: float[]) =
            Array.map2 (-) a b |> Array.sumBy (fun v -> v * v)

        let error = law |> List.sumBy (fun (p, y) -> p * distance y x)
        Assert.Equal((c.Omega d).Value * distance x h, error, 1e-9 * (1.0 + error))

        let second =
            law |> List.sumBy (fun (p, y) -> p * (y |> Array.sumBy (fun v -> v * v)))

        Assert.Equal(c.SecondMoment.Value x, second, 1e-9 * (1.0 + second))

    for _, y in c.ExactLaw h do
        Assert.Equal<float[]>(h, y)
