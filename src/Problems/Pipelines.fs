namespace Theory.Problems

open Theory
open Theory.Numerics

/// A model on two devices: activations a_s = Wx_s of dimension d on the first, the loss ½(⟨u, a_s⟩ − y_s)² on the second.
/// The variable is (W row by row, u), of dimension d·p + d.
type IPipeline =
    inherit IProblem
    /// S.
    abstract Samples: int
    /// d.
    abstract Width: int
    /// x_s as rows: S × p.
    abstract Inputs: Matrix
    /// y_s.
    abstract Targets: float[]

/// How a pipeline is set up.
type PipelineSpec = {
    /// S ≥ 1.
    Samples: int
    /// p ≥ 1.
    Inputs: int
    /// d ≥ 1.
    Width: int
    Seed: int
}

/// A pipeline on given samples.
[<Sealed>]
type Pipeline(name: string, width: int, inputs: Matrix, targets: float[]) =
    do
        if inputs.Rows <> targets.Length then
            invalidArg (nameof targets) $"{inputs.Rows} samples need as many targets, got {targets.Length}."

    interface IPipeline with
        member _.Samples = inputs.Rows
        member _.Width = width
        member _.Inputs = inputs
        member _.Targets = targets

    interface IProblem with
        member _.Name = name
        member _.Dimension = width * inputs.Columns + width
        member _.Constants = []

/// Builders of pipelines.
[<RequireQualifiedAccess>]
module Pipelines =

    /// Gaussian samples with the targets of a planted model.
    let planted (spec: PipelineSpec) : Pipeline =
        let inputs =
            Matrix(spec.Samples, spec.Inputs, Linear.gaussians spec.Seed 0 (spec.Samples * spec.Inputs))

        let model = Linear.gaussians spec.Seed 1 spec.Inputs

        let target s =
            LinearAlgebra.Dot(inputs.Row s, System.ReadOnlySpan model)

        Pipeline(
            $"pipeline of {spec.Width} activations, {spec.Samples} samples of {spec.Inputs} inputs",
            spec.Width,
            inputs,
            Array.init spec.Samples target
        )
