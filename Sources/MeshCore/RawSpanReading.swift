extension RawSpan {
    /// The byte at `offset`; traps when it is out of bounds.
    @inlinable
    public func byte(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The big-endian `Integer` at `offset`; traps when it is out of bounds.
    @inlinable
    public func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: Integer.Type = Integer.self
    ) -> Integer {
        Integer(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
    }

    /// A copy of the bytes of `range`; traps when it is out of bounds.
    @inlinable
    public func array(_ range: Range<Int>) -> [UInt8] {
        extracting(range).array
    }

    /// A copy of all bytes.
    @inlinable
    public var array: [UInt8] {
        withUnsafeBytes { pointer in [UInt8](pointer) }
    }

    /// Whether the bytes equal those of `other`; not in constant time.
    @inlinable
    public func equals(_ other: [UInt8]) -> Bool {
        guard byteCount == other.count else { return false }
        return withUnsafeBytes { pointer in pointer.elementsEqual(other) }
    }
}

extension Array where Element == UInt8 {
    /// Appends the bytes of `span`.
    @inlinable
    public mutating func append(_ span: RawSpan) {
        span.withUnsafeBytes { pointer in append(contentsOf: pointer) }
    }

    /// Appends `value` in network byte order.
    @inlinable
    public mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { pointer in append(contentsOf: pointer) }
    }

    /// Appends `count` bytes from `rng`.
    public mutating func appendRandom(_ count: Int, using rng: inout some RandomNumberGenerator) {
        var rest = count
        while rest > 0 {
            let word = rng.next()
            Swift.withUnsafeBytes(of: word) { pointer in append(contentsOf: pointer.prefix(rest)) }
            rest -= 8
        }
    }
}
