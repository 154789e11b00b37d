import Foundation
import Testing

@testable import MeshCRDT

/// Replays a logged session of texts (`Specs/vectors/crdt/text`; `text_gen.mjs` explains the lines) on documents of ours.
final class TextSession {
    /// What differs from the log.
    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    private let lines: [AnyValue]
    private var documents: [Document] = []
    private var subscriptions: [Subscription] = []
    /// The updates of all replicas, as they are in the log.
    private var updates: [(v1: [UInt8], v2: [UInt8])] = []
    private var sent: [(v1: [UInt8], v2: [UInt8])] = []
    private var waiting: [UInt8] = []

    init(lines text: String) throws {
        lines = try text.split(separator: "\n").map { line in
            let bytes = Array(line.utf8)
            return try JSONText.parse(bytes, 0..<bytes.count, depthLimit: 64)
        }
    }

    func run() throws {
        for (number, line) in lines.enumerated() {
            do {
                try run(line)
            } catch {
                throw Difference(description: "line \(number + 1): \(error)")
            }
        }
    }

    private func run(_ line: AnyValue) throws {
        switch line["k"].text {
        case "session": start(line)
        case "op": try change(line)
        case "recv": try receive(line)
        case "final": try finish(line)
        default: throw Difference(description: "a line of an unknown kind")
        }
    }

    private func start(_ line: AnyValue) {
        for client in line["clients"].list {
            var options = DocumentOptions()
            options.collectsGarbage = line["gc"] == true
            let document = Document(clientID: ClientID(client.integer), options: options)
            _ = document.text("text")
            subscriptions.append(document.onUpdate(.v1) { [unowned self] in waiting = $0.update })
            subscriptions.append(
                document.onUpdate(.v2) { [unowned self] event in
                    if event.origin != AnyHashable("remote") { sent.append((waiting, event.update)) }
                })
            documents.append(document)
        }
    }

    private func change(_ line: AnyValue) throws {
        let document = documents[line["c"].integer]
        try document.transact(origin: "local") { _ in
            for call in line["calls"].list { try Self.call(call.list, on: document.text("text")) }
        }
        try check(line, document)
    }

    private func receive(_ line: AnyValue) throws {
        let document = documents[line["c"].integer]
        var events: [AnyValue] = []
        let observer =
            line["e"] == .undefined
            ? nil
            : document.text("text").observe { event in
                let delta = document.textDelta(of: document.text("text").branch, in: event.transaction)
                events.append(Self.json(delta))
            }
        for number in line["from"].list.map(\.integer) {
            if line["v"].integer == 1 {
                try document.apply(updates[number].v1, origin: "remote")
            } else {
                try document.apply(updates[number].v2, format: .v2, origin: "remote")
            }
        }
        observer?.cancel()
        if observer != nil { try Self.compare(.array(events), line["e"], "events") }
        try check(line, document)
    }

    private func finish(_ line: AnyValue) throws {
        let document = documents[line["c"].integer]
        try Self.compare(document.encodeStateAsUpdate(), line["v1"].base64, "the whole in v1")
        try Self.compare(document.encodeStateAsUpdate(.v2), line["v2"].base64, "the whole in v2")
        let attributes = document.text("text").attributes.map { ($0.key, $0.value.toJSON()) }
        try Self.compare(.object(AnyFields(attributes)), line["attributes"], "attributes")
        try document.checkInvariants()
    }

    /// Compares the updates that were emitted and the delta.
    private func check(_ line: AnyValue, _ document: Document) throws {
        defer { sent = [] }
        for (number, update) in line["u"].list.enumerated() {
            guard number < sent.count else { throw Difference(description: "\(line["calls"]): no update") }
            try Self.compare(sent[number].v1, update.base64, "update of \(line["calls"])")
        }
        guard sent.count == line["u"].list.count else {
            throw Difference(description: "\(line["calls"]): an update too many")
        }
        updates += sent
        let delta = Self.json(document.text("text").toDelta())
        if line["d"] != .undefined { try Self.compare(delta, line["d"], "delta after \(line["calls"])") }
        var bytes: [UInt8] = []
        JSONText.append(delta, to: &bytes)
        let hash = bytes.reduce(UInt32(0x811c_9dc5)) { hash, byte in (hash ^ UInt32(byte)) &* 0x0100_0193 }
        guard Int(hash) == line["h"].integer else {
            throw Difference(description: "delta is \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    // MARK: Calls

    private static func call(_ call: [AnyValue], on text: SharedText) throws {
        let first = call.count > 1 ? call[1] : .undefined
        let second = call.count > 2 ? call[2] : .undefined
        let attributes = call.count > 3 ? call[3].fields : nil
        switch call[0].text {
        case "insert": try text.insert(second.text, at: first.integer, attributes: attributes)
        case "embed": try text.insertEmbed(second, at: first.integer, attributes: attributes)
        case "type": try text.insertType(.text(second.text), at: first.integer, attributes: attributes)
        case "delete": try text.delete(at: first.integer, length: second.integer)
        case "format":
            try text.format(at: first.integer, length: second.integer, attributes: attributes ?? AnyFields())
        case "delta": try text.applyDelta(first.list.map(step), sanitize: second == true)
        case "set": try text.setAttribute(first.text, .any(second))
        case "remove": try text.removeAttribute(first.text)
        default: throw Difference(description: "an unknown call")
        }
    }

    private static func step(_ step: AnyValue) -> TextDelta {
        let attributes = step["attributes"].fields
        if step["retain"] != .undefined { return .retain(step["retain"].integer, attributes: attributes) }
        if step["delete"] != .undefined { return .delete(step["delete"].integer) }
        if case .string(let text) = step["insert"] { return .insert(.text(text), attributes: attributes) }
        return .insert(.embed(step["insert"]), attributes: attributes)
    }

    // MARK: Values

    /// A delta as the log writes it.
    static func json(_ delta: [TextDelta]) -> AnyValue {
        .array(
            delta.map { step in
                var fields = AnyFields()
                var attributes: AnyFields?
                switch step {
                case .insert(let insert, let given):
                    attributes = given
                    switch insert {
                    case .text(let text): fields["insert"] = .string(text)
                    case .embed(let value): fields["insert"] = value
                    case .type(let type): fields["insert"] = ["$type": type.toJSON()]
                    }
                case .retain(let count, let given):
                    attributes = given
                    fields["retain"] = .number(Double(count))
                case .delete(let count):
                    fields["delete"] = .number(Double(count))
                }
                if let attributes { fields["attributes"] = .object(attributes) }
                return .object(fields)
            })
    }

    private static func compare(_ ours: AnyValue, _ theirs: AnyValue, _ what: String) throws {
        guard ours != theirs else { return }
        throw Difference(description: "\(what):\nours   \(text(ours))\ntheirs \(text(theirs))")
    }

    private static func compare(_ ours: [UInt8], _ theirs: [UInt8], _ what: String) throws {
        guard ours != theirs else { return }
        let decoded = [ours, theirs].map { update in (try? Updates.decode(update)).map { "\($0)" } ?? "" }
        throw Difference(
            description:
                "\(what):\nours   \(ours)\ntheirs \(theirs)\nours   \(decoded[0])\ntheirs \(decoded[1])")
    }

    private static func text(_ value: AnyValue) -> String {
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension AnyValue {
    fileprivate subscript(key: String) -> AnyValue { fields?[key] ?? .undefined }

    fileprivate var fields: AnyFields? {
        if case .object(let fields) = self { fields } else { nil }
    }

    fileprivate var list: [AnyValue] {
        if case .array(let values) = self { values } else { [] }
    }

    fileprivate var text: String {
        if case .string(let text) = self { text } else { "" }
    }

    fileprivate var integer: Int {
        if case .number(let number) = self { Int(number) } else { -1 }
    }

    fileprivate var base64: [UInt8] { [UInt8](Data(base64Encoded: text) ?? Data()) }
}
