import MeshCRDT
import MeshCore

/// Edits of every kind on a document with the roots `text`, `array`, `map` and `xml`, the same for the same seed.
///
/// Values are those that every implementation writes alike: no undefined, no big integers, no fractions but halves.
struct RandomEdits {
    let document: Document
    /// How deep types nest.
    private let depthLimit = 3

    /// One edit somewhere; does nothing where there is nothing to change.
    func edit(using rng: inout SeededGenerator) throws {
        switch Int.random(in: 0..<10, using: &rng) {
        case 0..<4: try edit(document.text("text"), using: &rng)
        case 4..<6: try edit(document.array("array"), 1, using: &rng)
        case 6..<8: try edit(document.map("map"), 1, using: &rng)
        default: try editChildren(document.xmlFragment("xml"), 1, using: &rng)
        }
    }

    // MARK: Text

    private func edit(_ text: SharedText, using rng: inout SeededGenerator) throws {
        let places = RandomEdits.boundaries(of: text)
        let place = Int.random(in: places.indices, using: &rng)
        let start = places[place]
        let end = places[min(place + Int.random(in: 1...6, using: &rng), places.count - 1)]
        switch Int.random(in: 0..<20, using: &rng) {
        case 0..<8: try text.insert(word(using: &rng), at: start, attributes: nil)
        case 8..<11:
            try text.insert(word(using: &rng), at: start, attributes: format(using: &rng))
        case 11..<14 where end > start: try text.delete(at: start, length: end - start)
        case 14..<18 where end > start:
            try text.format(at: start, length: end - start, attributes: format(using: &rng))
        case 18:
            try text.insertEmbed(
                .object(["img": .string(word(using: &rng))]), at: start, attributes: format(using: &rng))
        default:
            var delta: [TextDelta] = start > 0 ? [.retain(start, attributes: nil)] : []
            delta.append(.insert(.text(word(using: &rng)), attributes: nil))
            if end > start { delta.append(.delete(end - start)) }
            try text.applyDelta(delta)
        }
    }

    /// The places of a text that are between characters, in UTF-16 units.
    private static func boundaries(of text: SharedText) -> [Int] {
        var places = [0]
        var place = 0
        for operation in text.toDelta() {
            guard case .insert(let insert, _) = operation else { continue }
            if case .text(let piece) = insert {
                for scalar in piece.unicodeScalars {
                    place += scalar.value > 0xFFFF ? 2 : 1
                    places.append(place)
                }
            } else {
                place += 1
                places.append(place)
            }
        }
        return places
    }

    private func format(using rng: inout SeededGenerator) -> AnyFields {
        switch Int.random(in: 0..<6, using: &rng) {
        case 0: ["bold": true]
        case 1: ["bold": .null]
        case 2: ["italic": true]
        case 3: ["color": "#f00"]
        case 4: ["color": .null]
        default: ["bold": true, "color": "#00f"]
        }
    }

    private func word(using rng: inout SeededGenerator) -> String {
        let words = ["a", "bc", "def", "Hello ", "wörld", "日本", "😀", "x\n", "€", "zz zz", "👩‍👩‍👧", "\"q\""]
        return words[Int.random(in: words.indices, using: &rng)]
    }

    // MARK: Arrays and maps

    private func edit(_ array: SharedArray, _ depth: Int, using rng: inout SeededGenerator) throws {
        let count = array.count
        let index = Int.random(in: 0...count, using: &rng)
        switch Int.random(in: 0..<10, using: &rng) {
        case 0..<3:
            let values = (0..<Int.random(in: 1...3, using: &rng)).map { _ in input(using: &rng) }
            try array.insert(values, at: index)
        case 3 where depth < depthLimit: try array.insert([.type(newType(using: &rng))], at: index)
        case 4: try array.append([input(using: &rng)])
        case 5: try array.prepend([input(using: &rng)])
        case 6..<8 where index < count:
            try array.delete(at: index, length: Int.random(in: 1...min(3, count - index), using: &rng))
        default:
            guard index < count, case .type(let child) = array.get(index) else {
                return try array.insert([input(using: &rng)], at: index)
            }
            try edit(child, depth + 1, using: &rng)
        }
    }

    private func edit(_ map: SharedMap, _ depth: Int, using rng: inout SeededGenerator) throws {
        let keys = ["a", "b", "k1", "ключ", ""]
        let key = keys[Int.random(in: keys.indices, using: &rng)]
        switch Int.random(in: 0..<10, using: &rng) {
        case 0..<3: _ = try map.set(key, input(using: &rng))
        case 3..<5 where depth < depthLimit: _ = try map.set(key, .type(newType(using: &rng)))
        case 5..<7: try map.delete(key)
        case 7 where Int.random(in: 0..<6, using: &rng) == 0: try map.removeAll()
        default:
            guard case .type(let child) = map.get(key) else {
                _ = try map.set(key, input(using: &rng))
                return
            }
            try edit(child, depth + 1, using: &rng)
        }
    }

    private func edit(_ type: SharedType, _ depth: Int, using rng: inout SeededGenerator) throws {
        switch type {
        case .text(let text): try edit(text, using: &rng)
        case .xmlText(let text): try edit(text.text, using: &rng)
        case .array(let array): try edit(array, depth, using: &rng)
        case .map(let map): try edit(map, depth, using: &rng)
        case .xmlFragment(let fragment): try editChildren(fragment, depth, using: &rng)
        case .xmlElement(let element): try editChildren(element, depth, using: &rng)
        case .xmlHook: break
        }
    }

    private func newType(using rng: inout SeededGenerator) -> NewType {
        switch Int.random(in: 0..<4, using: &rng) {
        case 0: .array([input(using: &rng)])
        case 1: .map([(key: "k", value: input(using: &rng)), (key: "l", value: input(using: &rng))])
        case 2: .text(word(using: &rng))
        default: .array([])
        }
    }

    private func input(using rng: inout SeededGenerator) -> SharedInput {
        Int.random(in: 0..<12, using: &rng) == 0
            ? .binary([0, 255, UInt8.random(in: .min ... .max, using: &rng)])
            : .any(value(0, using: &rng))
    }

    private func value(_ depth: Int, using rng: inout SeededGenerator) -> AnyValue {
        switch Int.random(in: 0..<(depth > 1 ? 6 : 8), using: &rng) {
        case 0: .null
        case 1: .bool(Bool.random(using: &rng))
        case 2: .number(Double(Int.random(in: -100...100, using: &rng)))
        case 3:
            .number([0, 64, -64, 8191, 2_147_483_647, -2_147_483_648][Int.random(in: 0..<6, using: &rng)])
        case 4: .number(Double(Int.random(in: -99...99, using: &rng)) / 2)
        case 5: .string(word(using: &rng))
        case 6: .object(["z": value(depth + 1, using: &rng), "a": value(depth + 1, using: &rng)])
        default: .array([value(depth + 1, using: &rng), value(depth + 1, using: &rng)])
        }
    }

    // MARK: XML

    private func editChildren(
        _ parent: some XmlContainer, _ depth: Int, using rng: inout SeededGenerator
    ) throws {
        let children = parent.children
        let index = Int.random(in: 0...children.count, using: &rng)
        switch Int.random(in: 0..<10, using: &rng) {
        case 0..<2: try parent.insert([.xmlText(word(using: &rng))], at: index)
        case 2..<4 where depth < depthLimit:
            let name = ["p", "div", "h1"][Int.random(in: 0..<3, using: &rng)]
            try parent.insert([.xmlElement(name: name)], at: index)
        case 4 where index < children.count: try parent.delete(at: index, length: 1)
        case 5..<7:
            guard let element = parent as? XmlElement else { fallthrough }
            let key = ["id", "class", "x"][Int.random(in: 0..<3, using: &rng)]
            if Int.random(in: 0..<3, using: &rng) == 0 {
                try element.removeAttribute(key)
            } else {
                try element.setAttribute(key, .any(.string(word(using: &rng))))
            }
        default:
            guard index < children.count else {
                return try parent.insert([.xmlText(word(using: &rng))], at: index)
            }
            try edit(children[index], depth + 1, using: &rng)
        }
    }
}
