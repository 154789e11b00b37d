import MeshCRDT

/// Finds out what kinds of roots a document has, from what it holds: the wire does not say it.
struct DocRootKinds {
    /// What lies directly in a root.
    private struct Evidence {
        var hasText = false
        var hasXML = false
        var hasValues = false
        var hasKeys = false

        var kind: DocRootKind? {
            if hasText { return .text }
            if hasXML { return .xmlFragment }
            if hasValues { return .array }
            return hasKeys ? .map : nil
        }

        mutating func note(_ content: DecodedStruct.Content) {
            switch content {
            case .string, .format, .embed: hasText = true
            case .type(.xmlElement, _), .type(.xmlText, _), .type(.xmlHook, _): hasXML = true
            case .type, .any, .json, .binary, .document: hasValues = true
            case .gc, .deleted, .skip: break
            }
        }
    }

    /// The roots by name, with their kinds; nil when all content of one is deleted.
    let roots: [(String, DocRootKind?)]

    /// Looks through a whole document.
    init(_ update: [UInt8]) {
        guard let structs = try? Updates.decode(update, format: .v1).structs else {
            roots = []
            return
        }
        let places = DocPlaces(structs)
        var evidence = [Evidence](repeating: Evidence(), count: places.names.count)
        for (item, place) in zip(structs, places.places) {
            guard case .root(let number, let key) = place else { continue }
            if key == nil { evidence[number].note(item.content) } else { evidence[number].hasKeys = true }
        }
        let order = places.names.indices.sorted { left, right in
            places.names[left].utf8.lexicographicallyPrecedes(places.names[right].utf8)
        }
        roots = order.map { (places.names[$0], evidence[$0].kind) }
    }
}
