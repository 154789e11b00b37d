/// What every handle of a shared type is made of: the document and the place of the type in it.
protocol TypeHandle: SharedHandle {
    var document: Document { get }
    var branch: BranchIndex { get }
}

extension TypeHandle {
    /// The type's place in the store.
    @inline(__always)
    var node: Branch { document.store.branches[branch] }

    /// Throws when the type cannot be written to any more.
    @inline(__always)
    func checkWritable() throws(DocumentError) {
        if document.isDeleted(branch) { throw .deleted }
    }
}

extension Store {
    /// Throws when own content of so many units and bytes would exceed a limit.
    @inline(__always)
    func checkRoom(units: Int, byteCount: Int) throws(DocumentError) {
        guard units <= Int(UInt32.max - clients[ownClient].nextClock) else {
            throw .limitExceeded(.structCount, limit: Int(UInt32.max))
        }
        // Offsets into the arena have 32 bits; what is unused counts there.
        let room = min(limits.contentByteCount - content.usedByteCount, Int(UInt32.max) - content.bytes.count)
        guard byteCount <= room else {
            throw .limitExceeded(.contentByteCount, limit: limits.contentByteCount)
        }
    }
}
