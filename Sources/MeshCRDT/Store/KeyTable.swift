/// The names of a document, each stored once: roots, map keys, attribute names, node names.
///
/// Names are compared byte by byte, as Yjs does; hashes are seeded per process by the standard library's hasher, so a
/// peer cannot choose names that collide.
struct KeyTable {
    private struct Name {
        var offset: UInt32
        var byteCount: UInt32
    }

    /// The bytes of all names, back to back.
    private(set) var bytes: [UInt8] = []
    private var names: [Name] = []
    /// Open addressing.
    ///
    /// Numbers of names, none where free. A power of two, at most half full.
    private var slots: [KeyIndex] = Array(repeating: .none, count: 16)

    var count: Int { names.count }

    /// Bytes of all names.
    var byteCount: Int { bytes.count }

    /// The number of the name, made when it is new.
    mutating func index(of name: UnsafeRawBufferPointer) -> KeyIndex {
        let slot = slot(of: name)
        guard slots[slot].isNone else { return slots[slot] }
        let index = KeyIndex(names.count)
        names.append(Name(offset: UInt32(bytes.count), byteCount: UInt32(name.count)))
        bytes.append(contentsOf: name)
        slots[slot] = index
        if names.count * 2 > slots.count { rehash(slotCount: slots.count * 2) }
        return index
    }

    /// The number of the name when it has one.
    func find(_ name: UnsafeRawBufferPointer) -> KeyIndex {
        slots[slot(of: name)]
    }

    /// The bytes of a name.
    func withBytes<R>(of key: KeyIndex, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let name = names[key.int]
        return bytes.withUnsafeBytes { pointer in
            body(UnsafeRawBufferPointer(rebasing: pointer[range(of: name)]))
        }
    }

    /// A name as text.
    func string(_ key: KeyIndex) -> String {
        withBytes(of: key) { String(decoding: $0, as: UTF8.self) }
    }

    /// Forgets the newest names, down to `count` of them.
    mutating func truncate(to count: Int) {
        guard count < names.count else { return }
        bytes.removeLast(bytes.count - Int(names[count].offset))
        names.removeLast(names.count - count)
        rehash(slotCount: slots.count)
    }

    /// Where the bytes of a name lie in ``bytes``.
    @inline(__always)
    func range(of key: KeyIndex) -> Range<Int> {
        range(of: names[key.int])
    }

    @inline(__always)
    private func range(of name: Name) -> Range<Int> {
        Int(name.offset)..<Int(name.offset) + Int(name.byteCount)
    }

    private func slot(of name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        let mask = slots.count - 1
        var slot = hasher.finalize() & mask
        while !slots[slot].isNone, !isName(slots[slot], equalTo: name) { slot = (slot + 1) & mask }
        return slot
    }

    private func isName(_ key: KeyIndex, equalTo other: UnsafeRawBufferPointer) -> Bool {
        let name = names[key.int]
        guard Int(name.byteCount) == other.count else { return false }
        let offset = Int(name.offset)
        return bytes.withUnsafeBytes { pointer in
            for index in 0..<other.count where pointer[offset + index] != other[index] { return false }
            return true
        }
    }

    private mutating func rehash(slotCount: Int) {
        slots = Array(repeating: .none, count: slotCount)
        for index in names.indices {
            let free = bytes.withUnsafeBytes { pointer in
                slot(of: UnsafeRawBufferPointer(rebasing: pointer[range(of: names[index])]))
            }
            slots[free] = KeyIndex(index)
        }
    }
}

extension KeyTable {
    mutating func index(of name: String) -> KeyIndex {
        var name = name
        return name.withUTF8 { index(of: UnsafeRawBufferPointer($0)) }
    }

    func find(_ name: String) -> KeyIndex {
        var name = name
        return name.withUTF8 { find(UnsafeRawBufferPointer($0)) }
    }
}
