extension Store {
    /// Whether a type was deleted, alone or with what holds it.
    @inline(__always)
    func isDeleted(_ branch: BranchIndex) -> Bool {
        let holder = branches[branch].item
        return branches[branch].isCollected || (!holder.isNone && items[holder].isDeleted)
    }

    /// Throws when a type was deleted or when a range does not lie in its list.
    @inline(__always)
    func check(_ branch: BranchIndex, index: Int, length: Int) throws(DocumentError) {
        if isDeleted(branch) { throw .deleted }
        let count = Int(branches[branch].length)
        guard index >= 0, length >= 0, index <= count, length <= count - index else {
            throw .outOfBounds(index: index < 0 || index > count ? index : index + length, length: count)
        }
    }

    /// Inserts text into a text that has no formatting.
    @inline(__always)
    mutating func insertPlainText(
        _ text: RawSpan, at index: Int, in branch: BranchIndex, mayGrow: Bool
    ) throws(DocumentError) {
        try check(branch, index: index, length: 0)
        let count = UTF16Text.utf16Count(text)
        try checkRoom(units: count, byteCount: text.byteCount)
        insertText(
            text, utf16Count: UInt32(truncatingIfNeeded: count), at: UInt32(truncatingIfNeeded: index),
            in: branch,
            mayGrow: mayGrow)
    }

    /// Deletes from a text that has no formatting.
    @inline(__always)
    mutating func deletePlainText(
        at index: Int, length: Int, in branch: BranchIndex
    ) throws(DocumentError) {
        try check(branch, index: index, length: length)
        deleteUnits(
            at: UInt32(truncatingIfNeeded: index), length: UInt32(truncatingIfNeeded: length), in: branch)
    }
}
