/// The anchor of a heading, for the site that is built and for the tests of the pages.
module Anchors

open System

/// The anchor that GitHub gives a heading: lower case, letters, digits, '-' and '_' kept, spaces to '-'.
let slug (heading: string) =
    heading.Trim().ToLowerInvariant()
    |> Seq.choose (fun c ->
        if c = ' ' then
            Some '-'
        elif Char.IsLetterOrDigit c || c = '-' || c = '_' then
            Some c
        else
            None)
    |> Seq.toArray
    |> String
