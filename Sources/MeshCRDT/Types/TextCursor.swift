/// A place in a text, with the attributes that are in force there.
struct TextCursor {
    var left: ItemIndex
    var right: ItemIndex
    var attributes = FormatAttributes()
}

/// The attributes behind one format marker, kept for the next change near it.
///
/// Holds as long as no marker of the document comes or goes.
struct FormatCache {
    var branch = BranchIndex.none
    var marker = ItemIndex.none
    var attributes = FormatAttributes()
    var changeCount: UInt64 = 0
}

extension Store {
    /// The key and value of a format marker whose content is still there.
    func format(of index: ItemIndex) -> (key: String, value: FormatValue) {
        let item = items[index]
        let start = Int(item.contentOffset)
        var reader = ByteReader(content.bytes, range: start..<start + Int(item.contentByteCount))
        // The bytes were checked when they came in.
        let key = (try? reader.varBytes()).map { reader.string($0) } ?? ""
        let value = (try? AnyCodec.decode(&reader, depthLimit: .max)) ?? .null
        var format = FormatValue(value: value, identity: nil)
        if format.isObject {
            let id = id(of: index)
            format.identity = formatOrigins[id] ?? id
        }
        return (key, format)
    }

    /// The leftmost place at an index with the attributes in force; `index` must not exceed the list's length.
    ///
    /// Logarithmic in the length, and linear in the number of markers between the place and that of the last change.
    mutating func textCursor(at index: UInt32, in branch: BranchIndex) -> TextCursor {
        let position = position(at: index, in: branch)
        return TextCursor(
            left: position.left, right: position.right,
            attributes: attributes(behind: position.left, in: branch))
    }

    /// Moves a cursor over the item at its right, which must be there.
    mutating func forward(_ cursor: inout TextCursor) {
        if items[cursor.right].isLiveFormat {
            let (key, value) = format(of: cursor.right)
            cursor.attributes.update(key, value)
        }
        cursor.left = cursor.right
        cursor.right = items[cursor.right].right
    }

    /// Moves a cursor over `length` visible units; stops at the end of the list and returns how many are missing.
    ///
    /// Ends at the leftmost place behind the units, as Yjs does when it walks.
    mutating func advance(_ cursor: inout TextCursor, by length: Int, in branch: BranchIndex) -> Int {
        let index = unitsBefore(cursor, in: branch)
        let step = min(length, Int(branches[branch].length) - index)
        if step > 0 {
            let start = marker(at: cursor.left)
            let position = position(at: UInt32(index + step), in: branch)
            replay(from: start, to: position.left, &cursor.attributes)
            cursor.left = position.left
            cursor.right = position.right
        }
        guard step < length else { return 0 }
        while !cursor.right.isNone { forward(&cursor) }
        return length - max(0, step)
    }

    /// Keeps the attributes at a cursor for the next change.
    mutating func remember(_ cursor: TextCursor, in branch: BranchIndex) {
        formatCache = FormatCache(
            branch: branch, marker: marker(at: cursor.left), attributes: cursor.attributes,
            changeCount: formatChangeCount)
    }

    // MARK: Attributes

    /// The attributes in force behind an item, or at the start of the list when it is none.
    private mutating func attributes(behind item: ItemIndex, in branch: BranchIndex) -> FormatAttributes {
        let last = marker(at: item)
        guard !last.isNone else { return FormatAttributes() }
        var attributes = FormatAttributes()
        var start = ItemIndex.none
        if formatCache.branch == branch, formatCache.changeCount == formatChangeCount {
            if formatCache.marker == last { return formatCache.attributes }
            start = formatCache.marker
            attributes = formatCache.attributes
        }
        replay(from: start, to: item, &attributes)
        formatCache = FormatCache(
            branch: branch, marker: last, attributes: attributes, changeCount: formatChangeCount)
        return attributes
    }

    /// Takes in the markers behind `start` up to and with `end`, in order.
    ///
    /// Starts anew from nothing when `start` is not met on the way back from `end`.
    private mutating func replay(
        from start: ItemIndex, to end: ItemIndex, _ attributes: inout FormatAttributes
    ) {
        var markers: [ItemIndex] = []
        var current = marker(at: end)
        while !current.isNone, current != start {
            markers.append(current)
            current = formatMarker(before: current)
        }
        if current != start { attributes = FormatAttributes() }
        for marker in markers.reversed() {
            let (key, value) = format(of: marker)
            attributes.update(key, value)
        }
    }

    /// The nearest marker in force at or before an item; none when the item is none.
    private mutating func marker(at item: ItemIndex) -> ItemIndex {
        guard !item.isNone, !items[item].isLiveFormat else { return item }
        return formatMarker(before: item)
    }

    private mutating func unitsBefore(_ cursor: TextCursor, in branch: BranchIndex) -> Int {
        guard !cursor.left.isNone else { return 0 }
        return Int(index(of: cursor.left) + items[cursor.left].visibleLength)
    }
}
