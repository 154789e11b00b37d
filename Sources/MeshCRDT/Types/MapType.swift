/// A type with values under keys: a map or an XML hook.
public protocol MapType: SharedHandle {}

extension MapType {
    /// The number of keys that have a value, counted in time linear in the number of keys ever set.
    public var count: Int {
        let handle = type.handle
        return handle.document.liveEntryCount(of: handle.branch)
    }

    /// The keys that have a value, in the order in which this replica first saw them.
    public var keys: [String] {
        let handle = type.handle
        return handle.document.liveEntries(of: handle.branch).map(\.key)
    }

    /// The keys and their values, in the order of ``keys``.
    public var entries: [(key: String, value: SharedValue)] {
        let handle = type.handle
        return handle.document.liveEntries(of: handle.branch).compactMap { entry in
            handle.document.value(of: entry.item).map { value in (entry.key, value) }
        }
    }

    /// The value of a key, or nil when it has none.
    public func get(_ key: String) -> SharedValue? {
        let handle = type.handle
        return handle.document.value(of: key, in: handle.branch)
    }

    /// Whether a key has a value.
    public func contains(_ key: String) -> Bool {
        let handle = type.handle
        return !handle.document.liveItem(of: key, in: handle.branch).isNone
    }

    /// Gives a key a value, and returns it as it is found in the map.
    @discardableResult
    public func set(_ key: String, _ value: SharedInput) throws(DocumentError) -> SharedValue {
        let handle = type.handle
        try handle.checkWritable()
        try handle.document.set(key, to: value, in: handle.branch)
        return handle.document.value(of: key, in: handle.branch) ?? .any(.undefined)
    }

    /// Takes a key's value away; does nothing when it has none.
    public func delete(_ key: String) throws(DocumentError) {
        let handle = type.handle
        try handle.checkWritable()
        handle.document.deleteValue(of: key, in: handle.branch)
    }

    /// Takes the values of all keys away.
    public func removeAll() throws(DocumentError) {
        let handle = type.handle
        try handle.checkWritable()
        handle.document.deleteAllValues(in: handle.branch)
    }
}
