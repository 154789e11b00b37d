import Foundation
import Testing

@testable import MeshCRDT

/// The values of a session's log, in and out of a document; `types_gen.mjs` explains their form.
enum TypeVectorValues {
    struct Unexpected: Error {
        let what: String
    }

    /// A plain value as a log writes it.
    static func any(_ value: AnyValue) -> AnyValue {
        switch value {
        case .undefined: ["$undef": 1]
        case .bigInt(let value): ["$big": .string(String(value))]
        case .number(let number) where number == 0 && number.sign == .minus: ["$num": "-0"]
        case .null, .bool, .number, .string: value
        case .binary(let bytes): ["$bin": .string(Data(bytes).base64EncodedString())]
        case .array(let values): .array(values.map(any))
        case .object(let fields): .object(AnyFields(fields.map { field in (field.key, any(field.value)) }))
        }
    }

    /// A value of a type as a log writes it: a type by its kind, a document by its name.
    static func value(_ value: SharedValue?) -> AnyValue {
        switch value {
        case nil: any(.undefined)
        case .any(let value): any(value)
        case .binary(let bytes): any(.binary(bytes))
        case .type(let type): ["$type": .string("\(type.handle.node.kind)")]
        case .document(let document): ["$doc": .string(document.guid)]
        }
    }

    /// The plain value that a log's value stands for.
    static func plain(_ logged: AnyValue) -> AnyValue {
        switch logged {
        case .array(let values): return .array(values.map(plain))
        case .object(let fields):
            if fields["$undef"] != nil { return .undefined }
            if case .string(let digits)? = fields["$big"], let value = Int64(digits) { return .bigInt(value) }
            if case .string(let number)? = fields["$num"], let value = Double(number) {
                return .number(value)
            }
            if case .string(let text)? = fields["$bin"], let data = Data(base64Encoded: text) {
                return .binary(Array(data))
            }
            return .object(AnyFields(fields.map { field in (field.key, plain(field.value)) }))
        case .undefined, .null, .bool, .number, .bigInt, .string, .binary: return logged
        }
    }

    /// The input that a log's value stands for.
    static func input(_ logged: AnyValue) throws -> SharedInput {
        guard case .object(let fields) = logged else { return .any(plain(logged)) }
        if case .array(let parts)? = fields["$new"] { return .type(try new(parts)) }
        guard case .string(let guid)? = fields["$doc"] else { return .any(plain(logged)) }
        var options = DocumentOptions()
        options.guid = guid
        if case .object(let given)? = fields["o"] {
            options.collectsGarbage = given["gc"] == nil
            options.autoLoad = given["autoLoad"] != nil
            options.metadata = given["meta"].map(plain) ?? .null
            options.shouldLoad = given["shouldLoad"] == nil
        }
        return .document(Document(clientID: 5, options: options))
    }

    /// The new type that a log's list stands for.
    static func new(_ parts: [AnyValue]) throws -> NewType {
        guard let kind = parts.first?.textValue else { throw Unexpected(what: "\(parts)") }
        switch kind {
        case "array": return .array(try parts[1].listValue.map(input))
        case "map": return .map(try entries(parts[1]))
        case "text": return .text(parts[1].textValue ?? "")
        case "xmlText": return .xmlText(parts[1].textValue ?? "")
        case "xmlFragment": return .xmlFragment(try parts[1].listValue.map(child))
        case "xmlHook": return .xmlHook(name: parts[1].textValue ?? "", entries: try entries(parts[2]))
        case "xmlElement":
            return .xmlElement(
                name: parts[1].textValue ?? "", attributes: try entries(parts[2]),
                children: try parts[3].listValue.map(child))
        default: throw Unexpected(what: kind)
        }
    }

    /// The XML node that a log's value stands for.
    static func child(_ logged: AnyValue) throws -> NewType {
        guard case .object(let fields) = logged, case .array(let parts)? = fields["$new"] else {
            throw Unexpected(what: "\(logged)")
        }
        return try new(parts)
    }

    private static func entries(_ logged: AnyValue) throws -> [(key: String, value: SharedInput)] {
        try logged.listValue.map { pair in (pair.listValue[0].textValue ?? "", try input(pair.listValue[1])) }
    }

    /// A step of a text's delta as Yjs tells it.
    static func step(_ step: TextDelta) -> AnyValue {
        var fields = AnyFields()
        let attributes: AnyFields?
        switch step {
        case .insert(.text(let text), let given): (fields["insert"], attributes) = (.string(text), given)
        case .insert(.embed(let value), let given): (fields["insert"], attributes) = (any(value), given)
        case .insert(.type(let type), let given): (fields["insert"], attributes) = (value(.type(type)), given)
        case .retain(let count, let given): (fields["retain"], attributes) = (.number(Double(count)), given)
        case .delete(let count): (fields["delete"], attributes) = (.number(Double(count)), nil)
        }
        if let attributes { fields["attributes"] = any(.object(attributes)) }
        return .object(fields)
    }

    /// The JSON text of a value as node writes it.
    static func json(_ value: AnyValue) -> String {
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension AnyValue {
    var textValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var listValue: [AnyValue] {
        if case .array(let values) = self { values } else { [] }
    }

    var intValue: Int? {
        if case .number(let number) = self { Int(number) } else { nil }
    }

    func field(_ key: String) -> AnyValue? {
        if case .object(let fields) = self { fields[key] } else { nil }
    }
}
