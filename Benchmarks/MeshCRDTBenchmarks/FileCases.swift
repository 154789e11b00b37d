import MeshCRDT

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Measurements of update files: loading, merging, and the memory that a loaded document takes.
public enum FileCases {
    /// Loads and encodes the document that `updates` make; several are also applied and merged raw.
    public static func load(
        _ updates: [[UInt8]], format: UpdateFormat, title: String, repetitions: Int
    ) throws -> CaseReport {
        let whole = Document(clientID: readerClient)
        try whole.transact { _ in for update in updates { try whole.apply(update, format: format) } }
        let encoded = UpdateFormat.allCases.map { whole.encodeStateAsUpdate($0) }
        let samples = try Samples(repetitions: repetitions) {
            var milliseconds: [String: Double] = [:]
            for (format, bytes) in zip(UpdateFormat.allCases, encoded) {
                milliseconds["loadV\(format.rawValue)"] = try load([bytes], format, together: false)
                let encode = Stopwatch.time { whole.encodeStateAsUpdate(format) }
                milliseconds["encodeV\(format.rawValue)"] = encode.milliseconds
            }
            guard updates.count > 1 else { return milliseconds }
            milliseconds["applyEach"] = try load(updates, format, together: false)
            milliseconds["applyOneTransaction"] = try load(updates, format, together: true)
            let merge = try Stopwatch.time { try Updates.merge(updates, format: format) }
            milliseconds["mergeUpdates"] = merge.milliseconds
            return milliseconds
        }
        return CaseReport(
            name: "load", title: title, repetitions: max(repetitions, 1), milliseconds: samples.medians,
            counts: [
                "updates": updates.count, "v1Bytes": encoded[0].count, "v2Bytes": encoded[1].count,
                "structs": whole.statistics.itemCount,
            ])
    }

    /// Merges the first 1,000, 4,000, 16,000 … updates and all of them.
    public static func merge(
        _ updates: [[UInt8]], format: UpdateFormat, title: String, repetitions: Int
    ) throws -> CaseReport {
        let sizes = [1_000, 4_000, 16_000, 64_000].filter { $0 < updates.count } + [updates.count]
        let samples = try Samples(repetitions: repetitions) {
            var milliseconds: [String: Double] = [:]
            for size in sizes {
                let part = Array(updates[..<size])
                let (time, merged) = try Stopwatch.time { try Updates.merge(part, format: format) }
                guard !merged.isEmpty else { throw TraceError.wrongResult("merging gave nothing") }
                milliseconds["\(size)"] = time
            }
            return milliseconds
        }
        return CaseReport(
            name: "merge", title: title, repetitions: max(repetitions, 1), milliseconds: samples.medians,
            counts: ["updates": updates.count])
    }

    /// The growth of resident memory by `copies` loaded documents; honest only in a process that did little else.
    public static func memory(
        _ update: [UInt8], format: UpdateFormat, title: String, copies: Int
    ) throws -> CaseReport {
        func loaded() throws -> Document {
            let document = Document(clientID: readerClient)
            try document.apply(update, format: format)
            return document
        }
        // The first one also pays for code pages and the allocator's start.
        var documents = [try loaded()]
        let before = residentByteCount
        for _ in 0..<copies { documents.append(try loaded()) }
        let grown = residentByteCount - before
        let structs = documents.reduce(0) { max($0, $1.statistics.itemCount) }
        return CaseReport(
            name: "memory", title: title, repetitions: copies, milliseconds: [:],
            counts: [
                "rssBytesPerDocument": grown / max(copies, 1), "structs": structs,
                "updateBytes": update.count,
            ])
    }

    private static func load(
        _ updates: [[UInt8]], _ format: UpdateFormat, together: Bool
    ) throws -> Double {
        let document = Document(clientID: readerClient)
        func applyAll() throws { for update in updates { try document.apply(update, format: format) } }
        return try Stopwatch.time {
            if together { try document.transact { _ in try applyAll() } } else { try applyAll() }
        }.milliseconds
    }

    /// Resident bytes of this process; 0 where the kernel does not tell.
    private static var residentByteCount: Int {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = read(file, &text, text.count)
        // Pages in all, then resident ones. Source: proc(5).
        let fields = String(decoding: text[..<max(count, 0)], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// A client that no file is likely to have.
    private static let readerClient: ClientID = 1 << 40
}
