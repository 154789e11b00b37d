import MeshCRDT

/// Relative positions and snapshots, alone and on a document.
enum DocumentPositionFuzz {
    static func runRelativePosition(_ input: [UInt8]) throws {
        guard let position = try? RelativePosition(decoding: input, limits: FuzzDocument.limits) else {
            return
        }
        try promise(
            (try? RelativePosition(decoding: position.encoded())) == position,
            "a relative position decodes to itself")
        // As in Yjs, JSON does not keep an empty root name.
        try promise(
            position.rootName == "" || RelativePosition(json: position.json) == position,
            "and so does its JSON")
        let document = try FuzzDocument.make()
        for followsUndo in [true, false] {
            guard let found = document.absolutePosition(of: position, followsUndo: followsUndo) else {
                continue
            }
            try promise(found.index >= 0, "a position is not in front of its type")
        }
        try FuzzDocument.check(document)
    }

    /// The first byte chooses the format.
    static func runSnapshot(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        let format: UpdateFormat = parts.byte() & 1 == 0 ? .v1 : .v2
        let limits = FuzzDocument.limits
        guard let snapshot = try? Snapshot(decoding: parts.rest(), format: format, limits: limits) else {
            return
        }
        for format in UpdateFormat.allCases {
            let again = try? Snapshot(decoding: snapshot.encoded(format), format: format, limits: limits)
            try promise(again == snapshot, "a snapshot decodes to itself in \(format)")
        }
        let document = try FuzzDocument.make()
        _ = document.array("array").values(at: snapshot)
        _ = document.map("map").entries(at: snapshot)
        _ = try? snapshot.contains(update: document.encodeStateAsUpdate(), limits: limits)
        let source = try FuzzDocument.make(collectsGarbage: false)
        if let restored = try? Document(restoring: snapshot, from: source, clientID: 9) {
            try FuzzDocument.check(restored)
        }
        try FuzzDocument.check(source)
        try FuzzDocument.check(document)
    }
}
