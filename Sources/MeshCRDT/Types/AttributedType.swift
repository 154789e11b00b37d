/// An XML type with attributes: an element or a text.
public protocol AttributedType: SharedHandle {}

extension AttributedType {
    /// The attributes in the order in which JavaScript has the properties of an object: array indexes first, ascending, then
    /// the others as this replica first saw them.
    public var attributes: [(key: String, value: SharedValue)] {
        let handle = type.handle
        return handle.document.attributes(of: handle.branch)
    }

    /// The value of an attribute, or nil when it has none.
    public func attribute(_ key: String) -> SharedValue? {
        let handle = type.handle
        return handle.document.value(of: key, in: handle.branch)
    }

    /// Whether there is an attribute of a name.
    public func hasAttribute(_ key: String) -> Bool {
        let handle = type.handle
        return !handle.document.liveItem(of: key, in: handle.branch).isNone
    }

    /// Sets an attribute; mostly a text, but any value may be one.
    public func setAttribute(_ key: String, _ value: SharedInput) throws(DocumentError) {
        let handle = type.handle
        try handle.checkWritable()
        try handle.document.set(key, to: value, in: handle.branch)
    }

    /// Takes an attribute away; does nothing when there is none.
    public func removeAttribute(_ key: String) throws(DocumentError) {
        let handle = type.handle
        try handle.checkWritable()
        handle.document.deleteValue(of: key, in: handle.branch)
    }
}
