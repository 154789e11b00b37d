/// How formatted text is written: format markers before and behind what they cover.
///
/// Source: Yjs 13.6 `YText.js`. Which markers are written, and where, decides the bytes of updates, so every step is as there.
extension Store {
    /// Writes the markers that give what is inserted next exactly `attributes`, and returns what must follow it.
    mutating func beginInsertion(
        with attributes: FormatAttributes, at cursor: inout TextCursor, in branch: BranchIndex
    ) -> FormatAttributes {
        var wanted = attributes
        for entry in cursor.attributes.entries where wanted[entry.key]?.isDefined != true {
            wanted[entry.key] = .null
        }
        wanted = wanted.orderedAsProperties
        skipRedundant(&cursor, wanted)
        return insertAttributes(wanted, at: &cursor, in: branch)
    }

    /// Moves behind an inserted item and writes the markers that end its attributes.
    mutating func endInsertion(
        of item: ItemIndex, negated: FormatAttributes, at cursor: inout TextCursor, in branch: BranchIndex
    ) {
        cursor.right = item
        forward(&cursor)
        insertNegated(negated, at: &cursor, in: branch)
    }

    /// Writes a content with exactly the given attributes.
    mutating func insert(
        _ new: NewContent, attributes: FormatAttributes, at cursor: inout TextCursor, in branch: BranchIndex
    ) {
        let negated = beginInsertion(with: attributes, at: &cursor, in: branch)
        let position = ListPosition(left: cursor.left, right: cursor.right)
        endInsertion(of: insert(new, at: position, in: branch), negated: negated, at: &cursor, in: branch)
    }

    /// Gives attributes to the next `length` units; what is missing of them at the end is filled up with newlines.
    mutating func format(
        _ length: Int, attributes: FormatAttributes, at cursor: inout TextCursor, in branch: BranchIndex
    ) {
        var rest = length
        skipRedundant(&cursor, attributes)
        var negated = insertAttributes(attributes, at: &cursor, in: branch)
        while !cursor.right.isNone {
            let item = items[cursor.right]
            guard rest > 0 || (!negated.isEmpty && (item.isDeleted || item.kind == .format)) else { break }
            if item.isLiveFormat {
                guard replaceMarker(at: cursor, attributes, &negated, isBehindRange: rest == 0) else { break }
            } else if !item.isDeleted {
                if rest < Int(item.length) { split(cursor.right, at: UInt32(rest)) }
                rest -= Int(items[cursor.right].length)
            }
            forward(&cursor)
        }
        if rest > 0 { insertNewlines(rest, at: &cursor, in: branch) }
        insertNegated(negated, at: &cursor, in: branch)
    }

    /// Deletes the next `length` units, or as many as there are, and the markers that then are of no use.
    mutating func delete(_ length: Int, at cursor: inout TextCursor) {
        let start = cursor.right
        let before = cursor.attributes
        var rest = length
        while rest > 0, !cursor.right.isNone {
            let visible = items[cursor.right].visibleLength
            if visible > 0 {
                if rest < Int(visible) { split(cursor.right, at: UInt32(rest)) }
                rest -= Int(items[cursor.right].length)
                delete(cursor.right)
            }
            forward(&cursor)
        }
        cleanUpGap(from: start, to: cursor.right, before: before, &cursor.attributes)
    }

    /// Deletes the markers between two visible units that another one overrides or that change nothing.
    ///
    /// The gap starts at `start`; `current` are the attributes at `end`, which lies in it or ends it. Source:
    /// `cleanupFormattingGap`.
    mutating func cleanUpGap(
        from start: ItemIndex, to end: ItemIndex, before: FormatAttributes, _ current: inout FormatAttributes
    ) {
        var last: [ByteKey: ItemIndex] = [:]
        var gapEnd = start
        while !gapEnd.isNone, items[gapEnd].visibleLength == 0 {
            if items[gapEnd].isLiveFormat { last[ByteKey(string: format(of: gapEnd).key)] = gapEnd }
            gapEnd = items[gapEnd].right
        }
        guard !last.isEmpty else { return }
        var isBeforeEnd = true
        var item = start
        while item != gapEnd {
            if item == end { isBeforeEnd = false }
            if items[item].isLiveFormat {
                let (key, value) = format(of: item)
                let old = before[key] ?? .null
                let isNeedless = old.isSame(as: value)
                if last[ByteKey(string: key)] != item || isNeedless {
                    delete(item)
                    if isBeforeEnd, !isNeedless, (current[key] ?? .null).isSame(as: value) {
                        current.update(key, old)
                    }
                } else if isBeforeEnd {
                    current.update(key, value)
                }
            }
            item = items[item].right
        }
    }

    // MARK: Markers

    /// Moves right over deleted items and over markers that say what is wanted anyway.
    private mutating func skipRedundant(_ cursor: inout TextCursor, _ wanted: FormatAttributes) {
        while !cursor.right.isNone {
            if items[cursor.right].isLiveFormat {
                let (key, value) = format(of: cursor.right)
                let target = wanted[key].flatMap { $0.isDefined ? $0 : nil } ?? .null
                guard target.isEqual(to: value) else { return }
            } else if !items[cursor.right].isDeleted {
                return
            }
            forward(&cursor)
        }
    }

    /// Writes a marker for every attribute that is not in force yet, and returns what was in force instead.
    private mutating func insertAttributes(
        _ wanted: FormatAttributes, at cursor: inout TextCursor, in branch: BranchIndex
    ) -> FormatAttributes {
        var negated = FormatAttributes()
        for (key, value) in wanted.entries where value.isDefined {
            let current = cursor.attributes[key] ?? .null
            guard !current.isEqual(to: value) else { continue }
            negated[key] = current
            insertMarker(key, value, at: &cursor, in: branch)
        }
        return negated
    }

    /// Writes the markers that bring back what was in force before, unless they are there.
    private mutating func insertNegated(
        _ attributes: FormatAttributes, at cursor: inout TextCursor, in branch: BranchIndex
    ) {
        var negated = attributes
        while !cursor.right.isNone {
            if items[cursor.right].isLiveFormat {
                let (key, value) = format(of: cursor.right)
                guard let wanted = negated[key], wanted.isEqual(to: value) else { break }
                negated[key] = nil
            } else if !items[cursor.right].isDeleted {
                break
            }
            forward(&cursor)
        }
        for (key, value) in negated.entries { insertMarker(key, value, at: &cursor, in: branch) }
    }

    /// Deletes the marker at the right of a cursor when its key is formatted; false when the formatting ends before it.
    private mutating func replaceMarker(
        at cursor: TextCursor, _ attributes: FormatAttributes, _ negated: inout FormatAttributes,
        isBehindRange: Bool
    ) -> Bool {
        let (key, value) = format(of: cursor.right)
        guard let wanted = attributes[key], wanted.isDefined else { return true }
        if wanted.isEqual(to: value) {
            negated[key] = nil
        } else {
            guard !isBehindRange else { return false }
            negated[key] = value
        }
        delete(cursor.right)
        return true
    }

    private mutating func insertMarker(
        _ key: String, _ value: FormatValue, at cursor: inout TextCursor, in branch: BranchIndex
    ) {
        var bytes: [UInt8] = []
        bytes.appendVarString(key)
        AnyCodec.append(value.value, to: &bytes)
        cursor.right = insert(
            NewContent(kind: .format, length: 1, bytes: bytes),
            at: ListPosition(left: cursor.left, right: cursor.right), in: branch)
        if value.isObject, let identity = value.identity { formatOrigins[id(of: cursor.right)] = identity }
        forward(&cursor)
    }

    private mutating func insertNewlines(_ count: Int, at cursor: inout TextCursor, in branch: BranchIndex) {
        let newlines = [UInt8](repeating: 0x0a, count: count)
        cursor.right = insert(
            NewContent(kind: .string, length: UInt32(count), bytes: newlines),
            at: ListPosition(left: cursor.left, right: cursor.right), in: branch)
        forward(&cursor)
    }
}

extension FormatValue {
    /// Whether it is not undefined, which is as good as absent.
    fileprivate var isDefined: Bool {
        if case .undefined = value { false } else { true }
    }
}
