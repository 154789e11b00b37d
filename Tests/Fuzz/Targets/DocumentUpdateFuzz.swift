import MeshCRDT

/// Updates of shared documents, in both formats, applied to a document with content and worked on without one.
enum DocumentUpdateFuzz {
    static func runFirstFormat(_ input: [UInt8]) throws { try run(input, .v1) }

    static func runSecondFormat(_ input: [UInt8]) throws { try run(input, .v2) }

    private static func run(_ input: [UInt8], _ format: UpdateFormat) throws {
        let document = try FuzzDocument.make()
        let before = document.encodeStateAsUpdate()
        let isAccepted = (try? document.apply(input, format: format)) != nil
        try FuzzDocument.check(document)
        if isAccepted {
            let pendingByteCount = document.pendingByteCount
            try document.apply(input, format: format)
            try promise(document.pendingByteCount <= pendingByteCount, "an update that came twice waits once")
            if pendingByteCount == 0 { try FuzzDocument.checkRoundTrip(document) }
            try edit(document)
        } else {
            try promise(document.encodeStateAsUpdate() == before, "a refused update changes nothing")
            try promise(document.pendingByteCount == 0, "nothing of a refused update waits")
        }
        try withoutDocument(input, format, isAccepted: isAccepted)
    }

    /// What came can be worked with like anything else.
    private static func edit(_ document: Document) throws {
        let text = document.text("text")
        do throws(DocumentError) {
            try text.insert("x", at: text.length / 2)
            try text.delete(at: 0, length: min(2, text.length))
            try document.array("array").append([.any(.null)])
            try document.map("map").set("key", .any(.bool(true)))
        } catch {
            // A hostile peer may have brought the document to a limit or made a root of another kind.
        }
        try FuzzDocument.check(document)
        if document.pendingByteCount == 0 { try FuzzDocument.checkRoundTrip(document) }
    }

    private static func withoutDocument(_ input: [UInt8], _ format: UpdateFormat, isAccepted: Bool) throws {
        let limits = FuzzDocument.limits
        let other: UpdateFormat = format == .v1 ? .v2 : .v1
        if let converted = try? Updates.convert(input, from: format, to: other, limits: limits) {
            let again = try Updates.convert(converted, from: other, to: format, limits: limits)
            let twice = try Updates.convert(again, from: format, to: other, limits: limits)
            // The first conversion may sort hostile deletions; after that nothing changes any more.
            let last = try Updates.convert(twice, from: other, to: format, limits: limits)
            try promise(last == again, "converting back and forth ends in the same bytes")
            let (left, right) = (try FuzzDocument.make(), try FuzzDocument.make())
            let isLeftAccepted = (try? left.apply(again, format: format)) != nil
            let isRightAccepted = (try? right.apply(converted, format: other)) != nil
            try promise(isLeftAccepted == isRightAccepted, "both formats are accepted or refused alike")
            try promise(left.stateVector == right.stateVector, "both formats lead to the same state")
            try promise(left.deleteSet == right.deleteSet, "both formats lead to the same deletions")
        } else {
            try promise(!isAccepted, "an update that a document takes can be converted")
        }
        let base = try FuzzDocument.make().encodeStateAsUpdate(format)
        if let merged = try? Updates.merge([input, base, input], format: format, limits: limits) {
            _ = try Updates.stateVector(of: merged, format: format, limits: limits)
            _ = try Updates.diff(merged, since: StateVector(), format: format, limits: limits)
        }
        _ = try? Updates.meta(of: input, format: format, limits: limits)
        _ = try? Updates.decode(input, format: format, limits: limits)
        if let hidden = try? Updates.obfuscate(input, format: format, limits: limits) {
            try promise(
                (try? Updates.meta(of: hidden, format: format, limits: limits)) != nil,
                "an obfuscated update is one")
        }
    }
}

/// Documents for the fuzz targets.
enum FuzzDocument {
    /// Small limits, so that reaching them costs little.
    static var limits: DocumentLimits {
        var limits = DocumentLimits()
        limits.structCount = 1 << 16
        limits.clientCount = 1 << 12
        limits.pendingByteCount = 1 << 16
        limits.contentByteCount = 1 << 20
        return limits
    }

    /// A document with something of every kind, the same each time.
    static func make(collectsGarbage: Bool = true) throws -> Document {
        var options = DocumentOptions()
        options.collectsGarbage = collectsGarbage
        options.limits = limits
        let document = Document(clientID: 1, options: options)
        try document.transact { _ in
            let text = document.text("text")
            try text.insert("hello wörld 😀", at: 0, attributes: nil)
            try text.format(at: 2, length: 5, attributes: ["bold": true])
            try text.insertEmbed(.object(["img": "x"]), at: 3, attributes: nil)
            let array = document.array("array")
            try array.insert(
                [.any(1), .any("two"), .binary([3]), .type(.map([(key: "k", value: .any(4))]))], at: 0)
            try document.map("map").set("nested", .type(.array([.any(5)])))
            try document.map("map").set("key", .any("value"))
            let xml = document.xmlFragment("xml")
            try xml.insert(
                [.xmlElement(name: "p"), .xmlText("in xml")], at: 0)
        }
        try document.transact { _ in
            try document.text("text").delete(at: 1, length: 3)
            try document.array("array").delete(at: 1, length: 1)
            try document.map("map").set("key", .any("again"))
        }
        return document
    }

    static func check(_ document: Document) throws {
        do {
            try document.checkInvariants()
        } catch {
            throw FuzzViolation(description: "the invariants of a document hold: \(error)")
        }
    }

    /// A whole document loads into an empty one and comes out again as it is.
    static func checkRoundTrip(_ document: Document) throws {
        for format in UpdateFormat.allCases {
            var options = DocumentOptions()
            options.limits = limits
            let copy = Document(clientID: 2, options: options)
            try copy.apply(document.encodeStateAsUpdate(format), format: format)
            try check(copy)
            try promise(copy.stateVector == document.stateVector, "a loaded document has the same state")
            try promise(copy.deleteSet == document.deleteSet, "a loaded document has the same deletions")
            let again = Document(clientID: 2, options: options)
            try again.apply(copy.encodeStateAsUpdate(format), format: format)
            try promise(
                again.encodeStateAsUpdate(format) == copy.encodeStateAsUpdate(format),
                "a loaded document is written as it was")
        }
    }
}
