import ArgumentParser
import MeshCRDT
import MeshNode

/// Where a `doc` command writes its update.
struct DocOutFile: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the result goes; a file that is there is replaced in one step.", valueName: "file"),
        completion: .file())
    var out: String

    /// Writes the file and gives what the command says about it.
    func write(
        _ bytes: [UInt8], _ format: UpdateFormat, what: String, updates: Int
    ) throws(MeshFailure) -> DocWrittenOutput {
        try FileBytes.replace(out, with: bytes)
        return DocWrittenOutput(
            what: what, path: out, bytes: bytes.count, format: format.name, updates: updates)
    }
}
