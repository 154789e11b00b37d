/// Text that many can edit at once, with formatting, embedded values and attributes of its own.
///
/// Indexes and lengths are in UTF-16 code units, as everywhere in Yjs; an embedded value counts as one. Source: Yjs 13.6
/// `Y.Text`.
public struct SharedText: TypeHandle {
    /// The document that the text is in.
    public let document: Document
    let branch: BranchIndex

    init(document: Document, branch: BranchIndex) {
        self.document = document
        self.branch = branch
    }

    /// The length in UTF-16 code units; embedded values count one each.
    public var length: Int { Int(node.length) }

    /// The text without formatting and embedded values.
    public var string: String {
        String(decoding: document.store.textBytes(of: branch), as: UTF8.self)
    }
}

extension Store {
    /// The UTF-8 of all text in a list.
    func textBytes(of branch: BranchIndex) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(branches[branch].length))
        var item = branches[branch].start
        while !item.isNone {
            if items[item].kind == .string, !items[item].isDeleted {
                let start = Int(items[item].contentOffset)
                bytes.append(contentsOf: content.bytes[start..<start + Int(items[item].contentByteCount)])
            }
            item = items[item].right
        }
        return bytes
    }
}

extension SharedText {
    /// The attributes of the text as a whole, in JavaScript's order of properties.
    ///
    /// They have nothing to do with formatting. Source: Yjs 13.6 `Y.Text.getAttributes`.
    public var attributes: [(key: String, value: SharedValue)] { document.attributes(of: branch) }

    /// The value of an attribute of the text as a whole, or nil when it has none.
    public func attribute(_ key: String) -> SharedValue? { document.value(of: key, in: branch) }

    /// Sets an attribute of the text as a whole.
    public func setAttribute(_ key: String, _ value: SharedInput) throws(DocumentError) {
        try checkWritable()
        try document.set(key, to: value, in: branch)
    }

    /// Takes an attribute of the text as a whole away; does nothing when there is none.
    public func removeAttribute(_ key: String) throws(DocumentError) {
        try checkWritable()
        document.deleteValue(of: key, in: branch)
    }
}
