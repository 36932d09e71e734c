/// What every package must say and hold.
module Metadata

open System
open System.IO
open System.IO.Compression
open System.Reflection.Metadata
open System.Text
open System.Xml.Linq

/// A project that is packed.
type Package = {
    Id: string
    Project: string
    IsTool: bool
}

let private property (project: string) (name: string) =
    XDocument.Load(project).Descendants(XName.Get name)
    |> Seq.tryHead
    |> Option.map (fun e -> e.Value)

let private attribute (name: string) (element: XElement) =
    match element.Attribute(XName.Get name) with
    | null -> ""
    | found -> found.Value

/// The version of all packages.
let version root =
    match property (Path.Combine(root, "Directory.Build.props")) "Version" with
    | Some version -> version
    | None -> failwith "Directory.Build.props has no Version."

/// Every project under src that is packable.
let packages root : Package list = [
    for project in
        Directory.GetFiles(Path.Combine(root, "src"), "*.*proj", SearchOption.AllDirectories)
        |> Array.sort do
        if property project "IsPackable" = Some "true" then
            {
                Id =
                    property project "PackageId"
                    |> Option.orElse (property project "AssemblyName")
                    |> Option.defaultValue (Path.GetFileNameWithoutExtension project)
                Project = project
                IsTool = property project "PackAsTool" = Some "true"
            }
]

let private fail (text: string) = failwith text

let private require condition text =
    if not condition then
        fail text

let private bytes (entry: ZipArchiveEntry) =
    use source = entry.Open()
    use copy = new MemoryStream()
    source.CopyTo copy
    copy.ToArray()

let private holds (text: string) (content: byte[]) =
    content.AsSpan().IndexOf(ReadOnlySpan(Encoding.UTF8.GetBytes text)) >= 0
    || content.AsSpan().IndexOf(ReadOnlySpan(Encoding.Unicode.GetBytes text)) >= 0

/// The names in a paket.references.
let private references (project: string) =
    let folder = Path.GetDirectoryName project |> string

    File.ReadAllLines(Path.Combine(folder, "paket.references"))
    |> Array.map (fun line -> line.Trim())
    |> Array.filter (fun line -> line <> "" && not (line.StartsWith "group"))

let private verifyText (version: string) (package: Package) (nuspec: XDocument) =
    let value name =
        nuspec.Descendants()
        |> Seq.tryFind (fun e -> e.Name.LocalName = name)
        |> Option.map (fun e -> e.Value)
        |> Option.defaultValue ""

    let is name expected =
        let found = value name
        require (found = expected) $"{name} is '{found}', not '{expected}'"

    is "id" package.Id
    is "version" version
    is "license" "MIT"
    is "readme" "README.md"
    // What would lead to a place: packages speak for themselves.
    is "repository" ""
    is "projectUrl" ""
    require (value "description" <> "" && value "description" <> "Package Description") "it has no description"

/// Other packages of this repository at the same version, and what paket.references names, each with a version.
let private verifyDependencies (version: string) (packages: Package list) (package: Package) (nuspec: XDocument) =
    let found =
        nuspec.Descendants()
        |> Seq.filter (fun e -> e.Name.LocalName = "dependency")
        |> Seq.map (fun e -> attribute "id" e, attribute "version" e)
        |> Map.ofSeq

    for reference in XDocument.Load(package.Project).Descendants(XName.Get "ProjectReference") do
        let path = (attribute "Include" reference).Replace('\\', '/')
        let name = Path.GetFileNameWithoutExtension path

        match
            packages
            |> List.tryFind (fun p -> Path.GetFileNameWithoutExtension p.Project = name)
        with
        | Some other -> require (found.TryFind other.Id = Some version) $"it does not depend on {other.Id} {version}"
        | None -> fail $"it references {name}, which is not packed"

    for name in references package.Project do
        let range = found.TryFind name |> Option.defaultValue ""

        if name = "FSharp.Core" then
            // A notebook's kernel and a script bring their own FSharp.Core: a newer one serves, an older one does not load.
            require
                (range.StartsWith "10.0.")
                $"it asks for FSharp.Core {range}, which is newer than what kernels bring"
        else
            require (range.StartsWith '[') $"it does not depend on {name} with a range of versions, but '{range}'"

/// Two folders must give the same bits: sources are named from /_/ on, the folder of the build nowhere.
let private verifyPaths (root: string) (assembly: byte[]) (symbols: byte[]) =
    require (not (holds root assembly)) "its assembly names the folder that it was built in"

    use provider =
        MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols))

    let reader = provider.GetMetadataReader()
    require (reader.Documents.Count > 0) "its symbols name no source"

    for handle in reader.Documents do
        let name = reader.GetString(reader.GetDocument(handle).Name)
        require (name.StartsWith "/_/") $"its symbols name the source {name}"

/// Raises when the package lacks something.
let verify root (version: string) (packages: Package list) (package: Package) : unit =
    let artifact extension =
        Path.Combine(root, "artifacts", $"{package.Id}.{version}.{extension}")

    use archive = ZipFile.OpenRead(artifact "nupkg")
    let names = archive.Entries |> Seq.map (fun e -> e.FullName) |> Set.ofSeq

    let entry name =
        match archive.GetEntry name with
        | null -> fail $"it has no {name}"
        | found -> found

    use text = new MemoryStream(bytes (entry $"{package.Id}.nuspec"))
    let nuspec = XDocument.Load text
    verifyText version package nuspec
    require ((entry "README.md").Length > 100L && (entry "LICENSE").Length > 500L) "README or licence are empty"

    if package.IsTool then
        require (names |> Set.exists (fun n -> n.EndsWith "DotnetToolSettings.xml")) "it is no tool"
    else
        verifyDependencies version packages package nuspec

        let assembly =
            property package.Project "AssemblyName" |> Option.defaultValue package.Id

        require ((entry $"lib/net10.0/{assembly}.xml").Length > 1000L) "its documentation is empty"
        use symbols = ZipFile.OpenRead(artifact "snupkg")

        verifyPaths
            root
            (bytes (entry $"lib/net10.0/{assembly}.dll"))
            (bytes (symbols.GetEntry $"lib/net10.0/{assembly}.pdb"))
