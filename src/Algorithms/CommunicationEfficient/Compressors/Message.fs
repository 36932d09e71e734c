namespace Theory.Algorithms.CommunicationEfficient.Compressors

open System

/// Writes numbers as bits, most significant first: what a worker sends.
[<Sealed>]
type MessageWriter() =
    let bits = ResizeArray<bool>()

    /// The lowest `count` bits of a value.
    member w.Write(value: uint64, count: int) =
        for at in count - 1 .. -1 .. 0 do
            bits.Add((value >>> at) &&& 1UL = 1UL)

        w

    /// A number in single precision, 32 bits.
    member w.WriteFloat(value: float) =
        w.Write(uint64 (BitConverter.SingleToUInt32Bits(float32 value)), 32)

    /// Everything written so far.
    member _.ToMessage() = bits.ToArray()

/// Reads what a MessageWriter wrote.
[<Sealed>]
type MessageReader(message: bool[]) =
    let mutable at = 0

    /// Bits of the whole message: a decoder may tell formats apart by it.
    member _.Length = message.Length

    /// Whether everything was read.
    member _.Finished = at = message.Length

    /// The next `count` bits. Raises ArgumentException when the message is shorter.
    member _.Read(count: int) : uint64 =
        if at + count > message.Length then
            invalidArg (nameof count) $"{count} bits from bit {at} are more than the message's {message.Length}."

        let mutable value = 0UL

        for i in at .. at + count - 1 do
            value <- (value <<< 1) ||| (if message[i] then 1UL else 0UL)

        at <- at + count
        value

    /// The next number in single precision.
    member r.ReadFloat() : float =
        float (BitConverter.UInt32BitsToSingle(uint32 (r.Read 32)))
