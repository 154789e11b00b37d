import ArgumentParser
import MeshCRDT
import MeshNode

/// `meshp2p doc`.
struct DocCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doc",
        abstract: "Look into, merge, compare and convert files of Yjs updates; no node is needed.",
        discussion: """
            A FILE holds one update, v1 or v2, as bytes, hexadecimal digits or base64, or many of them as JSON \
            lines {"update":"BASE64","v":1}; - is standard input. Which format it is in is found out.

            EXAMPLES
              meshp2p doc show notes.bin
              meshp2p doc merge alice.bin bob.bin --out both.bin
              meshp2p doc diff both.bin --state-vector AA== --out news.bin
              meshp2p doc replay automerge-paper.json.gz
            """,
        subcommands: [
            DocShowCommand.self, DocMergeCommand.self, DocDiffCommand.self, DocConvertCommand.self,
            DocStatsCommand.self, DocHistoryCommand.self, DocReplayCommand.self,
        ])

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        throw ValidationError("Name what to do: show, merge, diff, convert, stats, history or replay.")
    }
}

/// Documents out of files.
enum DocLoading {
    /// The client of documents that are only read.
    static let reader: ClientID = 1 << 52

    /// Reads every file.
    static func files(_ paths: [String], format: UpdateFormat?) throws(MeshFailure) -> [DocFile] {
        var files: [DocFile] = []
        for path in paths { files.append(try DocFile(path, format: format)) }
        return files
    }

    /// The document that all updates of `files` make together.
    static func document(_ files: [DocFile]) throws(MeshFailure) -> Document {
        let document = Document(clientID: reader)
        for file in files {
            for (index, update) in file.updates.enumerated() {
                do throws(UpdateError) {
                    try document.apply(update.bytes, format: update.format)
                } catch {
                    throw file.failure(error, update: index)
                }
            }
        }
        return document
    }

    /// All updates of `files` as one, merged raw: gaps and what waits for other updates stay in it.
    static func merged(_ files: [DocFile], as format: UpdateFormat) throws(MeshFailure) -> [UInt8] {
        var updates: [[UInt8]] = []
        for file in files {
            for (index, update) in file.updates.enumerated() {
                do throws(UpdateError) {
                    updates.append(
                        update.format == format
                            ? update.bytes
                            : try Updates.convert(update.bytes, from: update.format, to: format))
                } catch {
                    throw file.failure(error, update: index)
                }
            }
        }
        do throws(UpdateError) {
            // Merging one update gives it back unread.
            if updates.count == 1 { _ = try Updates.decode(updates[0], format: format) }
            return try Updates.merge(updates, format: format)
        } catch {
            throw guilty(files)
                ?? MeshFailure(.malformed, "the updates cannot be merged: \(error)", next: nil)
        }
    }

    /// The first update that does not parse, as a failure that names its file.
    private static func guilty(_ files: [DocFile]) -> MeshFailure? {
        for file in files {
            for (index, update) in file.updates.enumerated() {
                do throws(UpdateError) {
                    _ = try Updates.decode(update.bytes, format: update.format)
                } catch {
                    return file.failure(error, update: index)
                }
            }
        }
        return nil
    }
}
