extension Document {
    /// The value that a list holds at an index, or nil when the list is shorter.
    ///
    /// Logarithmic in the number of runs, and constant for one index after the other.
    func value(at index: Int, in branch: BranchIndex) -> SharedValue? {
        guard index >= 0, index < Int(store.branches[branch].length) else { return nil }
        let (item, before) = store.locate(UInt32(index), in: branch)
        return value(of: item, unit: UInt32(index) - before)
    }

    /// One value of an item; nil when its content is gone.
    func value(of index: ItemIndex, unit: UInt32) -> SharedValue? {
        let item = store.items[index]
        switch item.kind {
        case .any, .json:
            let offset = store.runOffset(of: unit, in: item)
            let end = Int(item.contentOffset) + Int(item.contentByteCount)
            var reader = ByteReader(store.content.bytes, range: offset..<end)
            return .any(Self.nextValue(of: item.kind, &reader))
        case .embed, .binary, .type, .document, .string:
            var values: [SharedValue] = []
            appendValues(of: index, to: &values)
            return Int(unit) < values.count ? values[Int(unit)] : nil
        case .gc, .deleted, .format, .skip:
            return nil
        }
    }

    /// The newest value of a map's item: the last one, should it hold several.
    func value(of index: ItemIndex) -> SharedValue? {
        value(of: index, unit: store.items[index].length - 1)
    }

    /// Appends all values of an item, deleted or not; none when its content is gone.
    func appendValues(of index: ItemIndex, to values: inout [SharedValue]) {
        let item = store.items[index]
        let start = Int(item.contentOffset)
        let range = start..<start + Int(item.contentByteCount)
        switch item.kind {
        case .any, .json, .embed:
            var reader = ByteReader(store.content.bytes, range: range)
            let kind = item.kind == .embed ? .any : item.kind
            for _ in 0..<item.length { values.append(.any(Self.nextValue(of: kind, &reader))) }
        case .string:
            let text = String(decoding: store.content.bytes[range], as: UTF8.self)
            // A text that is read as a list has its UTF-16 code units as elements, each a text.
            for unit in text.utf16 { values.append(.any(.string(String(decoding: [unit], as: UTF16.self)))) }
        case .binary:
            values.append(.binary(Array(store.content.bytes[range])))
        case .type:
            if let type = SharedType(BranchIndex(raw: item.contentOffset), in: self) {
                values.append(.type(type))
            }
        case .document:
            values.append(.document(subdocument(at: index)))
        case .gc, .deleted, .format, .skip:
            break
        }
    }

    /// The values that a list holds in a range of indexes, which must lie in the list.
    func values(in range: Range<Int>, of branch: BranchIndex) -> [SharedValue] {
        guard !range.isEmpty else { return [] }
        var values: [SharedValue] = []
        values.reserveCapacity(range.count)
        var (item, before) = store.locate(UInt32(range.lowerBound), in: branch)
        var unit = UInt32(range.lowerBound) - before
        while values.count < range.count, !item.isNone {
            let length = store.items[item].visibleLength
            if length > 0, unit == 0, Int(length) <= range.count - values.count {
                appendValues(of: item, to: &values)
            } else if length > 0 {
                while unit < length, values.count < range.count {
                    values.append(value(of: item, unit: unit) ?? .any(.undefined))
                    unit += 1
                }
            }
            unit = 0
            before += length
            item = store.items[item].right
        }
        return values
    }

    /// Reads one value, which was checked when it came in.
    private static func nextValue(of kind: ContentKind, _ reader: inout ByteReader) -> AnyValue {
        if kind == .any { return (try? AnyCodec.decode(&reader, depthLimit: .max)) ?? .undefined }
        guard let range = try? reader.varBytes() else { return .undefined }
        guard !JSONText.isUndefined(reader.bytes, range) else { return .undefined }
        return (try? JSONText.parse(reader.bytes, range, depthLimit: .max)) ?? .undefined
    }
}

extension Store {
    /// The last item of a list, deleted or not, or none; logarithmic in the number of items.
    func lastItem(inListOf branch: BranchIndex) -> ItemIndex {
        var item = branches[branch].start
        var node = branches[branch].root
        guard !item.isNone else { return .none }
        if !node.isNone {
            while node.isInner {
                let inner = sequence.inners[node.number]
                node = inner.children[inner.count - 1]
            }
            item = sequence.leaves[node.number].first
        }
        while !items[item].right.isNone { item = items[item].right }
        return item
    }
}
