import MeshCRDT

/// A document: its roots, what it knows of every client, and its sizes.
struct DocShowOutput: DocOutput {
    private let roots: [DocRootView]
    private let stateVector: StateVector
    private let deleteSet: DeleteSet
    private let pendingBytes: Int
    private let structs: Int
    private let v1Bytes: Int
    private let v2Bytes: Int
    private let source: DocSource

    /// Reads everything out of `document`; without `roots` it shows all, with the kinds that their content implies.
    init(_ document: Document, _ files: [DocFile], roots: [(name: String, kind: DocRootKind)]?) {
        stateVector = document.stateVector
        deleteSet = document.deleteSet
        pendingBytes = document.pendingByteCount
        structs = document.statistics.itemCount
        let v1 = document.encodeStateAsUpdate(.v1)
        v1Bytes = v1.count
        v2Bytes = document.encodeStateAsUpdate(.v2).count
        source = DocSource(files)
        // Reading a root as one kind settles it, so that all kinds are looked at before.
        let chosen = roots?.map { ($0.name, $0.kind) } ?? DocRootKinds(v1).roots
        self.roots = chosen.map { DocRootView(document, $0.0, $0.1) }
    }

    var json: DocJSON {
        var json = DocJSON()
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.key("roots")
            json.object { json in for root in roots { root.write(to: &json) } }
            json.key("stateVector")
            json.stateVector(stateVector)
            json.key("deleteSet")
            json.deleteSet(deleteSet)
            json.member("pendingBytes", pendingBytes)
            json.member("structs", structs)
            json.key("bytes")
            json.object { json in
                json.member("v1", v1Bytes)
                json.member("v2", v2Bytes)
            }
            source.write(to: &json)
        }
        return json
    }

    func lines(_ layout: Layout) -> [String] {
        let written = stateVector.entries.reduce(0) { $0 + Int($1.clock) }
        let deleted = deleteSet.unitCount
        var lines = source.lines(layout)
        lines.append(
            layout.row(
                "state",
                "\(Quantity.count(stateVector.count, "client")), \(Quantity.count(written, "unit")) written, \(deleted) deleted"
            ))
        lines.append(layout.row("structs", "\(structs)"))
        lines.append(
            layout.row(
                "pending",
                pendingBytes == 0
                    ? "nothing" : "\(Quantity.bytes(pendingBytes)) wait for updates that are not here"))
        lines.append(
            layout.row("encoded", "v1 \(Quantity.bytes(v1Bytes)), v2 \(Quantity.bytes(v2Bytes))"))
        if roots.isEmpty { lines.append(layout.row("roots", "none")) }
        return lines + roots.flatMap { [""] + $0.lines(layout) }
    }
}

/// The files that a document came from.
struct DocSource: Sendable {
    private let files: [(path: String, byteCount: Int, updates: Int, format: String)]

    init(_ files: [DocFile]) {
        self.files = files.map { file in
            let formats = UpdateFormat.allCases.filter { format in
                file.updates.contains { $0.format == format }
            }
            return (
                file.path, file.byteCount, file.updates.count,
                formats.map(\.name).joined(separator: " and ")
            )
        }
    }

    func write(to json: inout DocJSON) {
        json.key("files")
        json.array { json in
            for file in files {
                json.object { json in
                    json.key("path")
                    json.string(file.path)
                    json.key("format")
                    json.string(file.format)
                    json.member("bytes", file.byteCount)
                    json.member("updates", file.updates)
                }
            }
        }
    }

    func lines(_ layout: Layout) -> [String] {
        files.map { file in
            let updates = file.updates == 1 ? "" : "\(Quantity.count(file.updates, "update")), "
            return layout.style.bold(FileBytes.name(file.path))
                + "   \(updates)\(file.format.isEmpty ? "" : file.format + ", ")\(Quantity.bytes(file.byteCount))"
        }
    }
}

extension DocJSON {
    mutating func member(_ key: String, _ value: some BinaryInteger) {
        self.key(key)
        integer(value)
    }

    /// Writes `{"CLIENT":CLOCK}`, ascending.
    mutating func stateVector(_ vector: StateVector) {
        object { json in
            for entry in vector.entries.sorted(by: { $0.client < $1.client }) {
                json.member("\(entry.client)", entry.clock)
            }
        }
    }

    /// Writes `{"CLIENT":[[CLOCK,LENGTH]]}`, ascending.
    mutating func deleteSet(_ set: DeleteSet) {
        object { json in
            for entry in set.entries.sorted(by: { $0.client < $1.client }) {
                json.key("\(entry.client)")
                json.array { json in
                    for range in entry.ranges {
                        json.array { json in
                            json.integer(range.clock)
                            json.integer(range.length)
                        }
                    }
                }
            }
        }
    }
}

extension DeleteSet {
    /// How many units are deleted.
    var unitCount: Int {
        entries.reduce(0) { $0 + $1.ranges.reduce(0) { $0 + Int($1.length) } }
    }
}
