import Foundation
import Glibc

/// pycrdt (yrs) documents in a Python process that answers each line with a line.
///
/// Read and written without waiting in between: a session takes some milliseconds, the pauses of a poll would take more.
final class CRDTForeignDocuments {
    /// A foreign document as it reports itself.
    struct Report: Decodable {
        let sv: Data
        let update: Data
        let content: String
    }

    struct State: Decodable {
        let documents: [Report]
        /// The content of fresh documents that loaded the given updates.
        let loaded: [String]
    }

    private struct Start: Encodable {
        let `do` = "start"
        let seed: UInt64
        let clients: [UInt64]
        let gc: Bool
    }

    private struct Round: Encodable {
        let `do` = "round"
        let apply: [[Data]]
        let edits: [Int]
    }

    private struct Question: Encodable {
        let `do` = "state"
        let load: [Data]
    }

    private struct Sent: Decodable { let sent: [[Data]] }
    private struct Nothing: Decodable {}

    private let process: SpawnedProcess
    private let errorFile: String
    private var buffer: [UInt8] = []

    /// Starts the driver under the Python that has pycrdt.
    init(folder: URL, number: Int) throws {
        errorFile = folder.appending(path: "pycrdt-\(number).stderr").path
        process = try SpawnedProcess(
            arguments: [
                try Installation.peers().appending(path: "py/bin/python").path,
                Installation.scripts.appending(path: "crdt_pycrdt.py").path,
            ], environment: ["PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1"], errorFile: errorFile)
    }

    /// Ends the process and waits for it.
    func end() {
        close(process.input)
        close(process.output)
        kill(process.processID, SIGKILL)
        var status: Int32 = 0
        waitpid(process.processID, &status, 0)
    }

    /// New documents with these client ids.
    func start(seed: UInt64, clients: [UInt64], collectsGarbage: Bool) throws {
        let _: Nothing = try ask(Start(seed: seed, clients: clients, gc: collectsGarbage))
    }

    /// Lets each document apply updates and then make transactions; answers what each sent.
    func round(apply: [[Data]], edits: [Int]) throws -> [[Data]] {
        let answer: Sent = try ask(Round(apply: apply, edits: edits))
        return answer.sent
    }

    /// What the documents hold, and what fresh ones make of `load`.
    func state(load: [Data] = []) throws -> State { try ask(Question(load: load)) }

    private func ask<Answer: Decodable>(_ question: some Encodable) throws -> Answer {
        var line = try Array(JSONEncoder().encode(question))
        line.append(UInt8(ascii: "\n"))
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes { write(process.input, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure }
            written += count
        }
        return try JSONDecoder().decode(Answer.self, from: Data(try nextLine()))
    }

    private func nextLine() throws -> [UInt8] {
        var scanned = 0
        while true {
            if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return Array(buffer[..<end])
            }
            scanned = buffer.count
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = read(process.output, &chunk, chunk.count)
            guard count > 0 else { throw failure }
            buffer += chunk[..<count]
        }
    }

    private var failure: WaitError {
        let text = (try? String(contentsOfFile: errorFile, encoding: .utf8)) ?? ""
        return WaitError(description: "the pycrdt driver ended: \(text.suffix(2_000))")
    }
}
