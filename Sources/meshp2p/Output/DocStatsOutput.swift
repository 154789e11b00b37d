import MeshCRDT

/// Where a document's size comes from.
struct DocStatsOutput: DocOutput {
    private let statistics: DocumentStatistics
    private let v1Bytes: Int
    private let v2Bytes: Int
    private let source: DocSource

    init(_ document: Document, _ files: [DocFile]) {
        statistics = document.statistics
        v1Bytes = document.encodeStateAsUpdate(.v1).count
        v2Bytes = document.encodeStateAsUpdate(.v2).count
        source = DocSource(files)
    }

    var json: DocJSON {
        var json = DocJSON()
        json.object { json in
            json.key("ok")
            json.bool(true)
            json.member("items", statistics.itemCount)
            json.member("clients", statistics.clientCount)
            json.member("tombstones", statistics.tombstoneCount)
            json.member("collected", statistics.collectedCount)
            json.member("types", statistics.typeCount)
            json.member("units", statistics.unitCount)
            json.member("deletedUnits", statistics.deletedUnitCount)
            json.counts("itemsByKind", statistics.liveItemCounts)
            json.counts("bytesByKind", statistics.contentByteCounts)
            json.member("nameBytes", statistics.nameByteCount)
            json.member("pendingBytes", statistics.pendingByteCount)
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
        let live = statistics.liveItemCounts.values.reduce(0, +)
        var lines = source.lines(layout)
        lines.append(
            layout.row(
                "items",
                "\(statistics.itemCount): \(live) live, \(Quantity.count(statistics.tombstoneCount, "tombstone")), \(statistics.collectedCount) collected"
            ))
        lines.append(layout.row("clients", "\(statistics.clientCount)"))
        lines.append(layout.row("types", "\(statistics.typeCount)"))
        lines.append(
            layout.row("units", "\(statistics.unitCount), \(statistics.deletedUnitCount) of them deleted"))
        lines.append(
            layout.row("encoded", "v1 \(Quantity.bytes(v1Bytes)), v2 \(Quantity.bytes(v2Bytes))"))
        lines.append(layout.row("names", Quantity.bytes(statistics.nameByteCount)))
        lines.append(layout.row("pending", Quantity.bytes(statistics.pendingByteCount)))
        lines.append(
            layout.row("content", statistics.contentByteCounts.isEmpty ? "none" : "live items, bytes"))
        return lines
            + Self.kinds(statistics).map { kind in
                let items = "\(statistics.liveItemCounts[kind] ?? 0)".paddedLeft(to: 10)
                let bytes = Quantity.bytes(statistics.contentByteCounts[kind] ?? 0).paddedLeft(to: 12)
                return "    \("\(kind)".padded(to: 12))\(items)\(bytes)"
            }
    }

    fileprivate static func kinds(_ statistics: DocumentStatistics) -> [ContentKind] {
        ContentKind.allCases.filter {
            statistics.liveItemCounts[$0] != nil || statistics.contentByteCounts[$0] != nil
        }
    }
}

extension DocJSON {
    /// Writes a member with a number for each kind of content that occurs.
    fileprivate mutating func counts(_ key: String, _ counts: [ContentKind: Int]) {
        self.key(key)
        object { json in
            for kind in ContentKind.allCases {
                if let count = counts[kind] { json.member("\(kind)", count) }
            }
        }
    }
}
