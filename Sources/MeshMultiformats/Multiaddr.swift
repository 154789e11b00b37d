import MeshCore

/// A network address that describes itself: components of a protocol and a value, packed.
///
/// `bytes` is always valid, and its text is canonical: parsing the text gives the same bytes again.
/// Source: multiformats/multiaddr.
public struct Multiaddr: Hashable, Sendable {
    /// The longest packed form, in bytes.
    public static let maximumByteCount = 1024
    /// The longest text, in bytes: percent-encoding triples a value, and names add up to 14 a component.
    public static let maximumTextByteCount = 3 * maximumByteCount + 32 * maximumComponentCount
    /// The most components; a relayed WebTransport address has a dozen.
    public static let maximumComponentCount = 32

    /// The packed form.
    public let bytes: [UInt8]

    /// Takes a packed multiaddr after checking all of it.
    public init(bytes: RawSpan) throws(MultiaddrError) {
        guard !bytes.isEmpty else { throw .empty }
        try Self.validate(bytes)
        self.bytes = bytes.array
    }

    /// Parses text such as `/ip4/192.0.2.1/tcp/4001/p2p/12D3…`; slashes at the end are ignored.
    public init(_ text: String) throws(MultiaddrError) {
        bytes = try MultiaddrParser.parse(text)
    }

    /// Bytes that are known to be valid.
    init(trusted bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func validate(_ bytes: RawSpan) throws(MultiaddrError) {
        guard bytes.byteCount <= maximumByteCount else {
            throw .tooLong(byteCount: bytes.byteCount, limit: maximumByteCount)
        }
        var reader = MultiaddrReader()
        var count = 0
        while let position = try reader.next(in: bytes) {
            count += 1
            guard count <= maximumComponentCount else {
                throw .tooManyComponents(limit: maximumComponentCount)
            }
            if position.proto == .unix, position.value.upperBound < bytes.byteCount {
                throw .badValue(.unix, offset: position.start, .notLast)
            }
            do throws(MultiaddrValueError) {
                try MultiaddrValue.validate(bytes.extracting(position.value), of: position.proto)
            } catch {
                throw .badValue(position.proto, offset: position.start, error)
            }
        }
    }

    /// One protocol with its value.
    public struct Component: Hashable, Sendable, CustomStringConvertible {
        /// The protocol.
        public let `protocol`: MultiaddrProtocol
        /// The packed value without a length; empty for protocols without a value.
        public let value: [UInt8]

        /// The value's canonical text.
        public var valueText: String { MultiaddrValue.text(value, of: `protocol`) }

        /// The component's canonical text, such as `/tcp/4001`.
        public var description: String {
            guard `protocol`.hasValue else { return "/\(`protocol`)" }
            // A path brings its own slash.
            return `protocol` == .unix ? "/unix\(valueText)" : "/\(`protocol`)/\(valueText)"
        }
    }

    /// The components in order.
    public var components: [Component] {
        var components: [Component] = []
        forEach { position in
            components.append(Component(protocol: position.proto, value: Array(bytes[position.value])))
        }
        return components
    }

    /// Whether a component of `protocol` is there.
    public func contains(_ protocol: MultiaddrProtocol) -> Bool {
        var isFound = false
        forEach { position in isFound = isFound || position.proto == `protocol` }
        return isFound
    }

    /// Calls `body` with the place of every component.
    func forEach(_ body: (MultiaddrReader.Position) -> Void) {
        var reader = MultiaddrReader()
        // The bytes were checked when the value was made, so reading ends only at their end.
        while let position = (try? reader.next(in: bytes.span.bytes)) ?? nil { body(position) }
    }
}

extension Multiaddr: CustomStringConvertible {
    /// The canonical text; `/` for an address from which everything was taken away.
    public var description: String {
        bytes.isEmpty ? "/" : components.map(\.description).joined()
    }
}
