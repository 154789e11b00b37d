/// A text as the key of a dictionary, told apart from others by its UTF-8.
///
/// Swift's own equality of texts takes canonically equivalent ones, such as "é" and "e" with an accent, for the same; a CRDT
/// may not.
struct ByteKey: Hashable, Sendable {
    /// The text.
    let string: String

    static func == (left: ByteKey, right: ByteKey) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    func hash(into hasher: inout Hasher) {
        string.hashBytes(into: &hasher)
    }
}

extension String {
    /// Whether both have the same UTF-8.
    func hasSameBytes(as other: String) -> Bool {
        // Equality is quick to say no, and quick to say yes to identical texts; it errs only with equivalent ones.
        utf8.count == other.utf8.count && self == other && utf8.elementsEqual(other.utf8)
    }

    /// Mixes the UTF-8 into `hasher`.
    func hashBytes(into hasher: inout Hasher) {
        hasher.combine(utf8.count)
        let isDone: Void? = utf8.withContiguousStorageIfAvailable { bytes in
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        guard isDone == nil else { return }
        for byte in utf8 {
            hasher.combine(byte)
        }
    }
}
