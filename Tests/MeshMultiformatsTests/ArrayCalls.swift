import MeshCore
import MeshMultiformats

// Expectations take no spans: these forms take arrays.

extension Multihash {
    init(_ bytes: [UInt8]) throws { try self.init(bytes: bytes.span.bytes) }
}

extension CID {
    init(_ bytes: [UInt8]) throws { try self.init(bytes: bytes.span.bytes) }
}

extension PublicKey {
    init(protobuf: [UInt8]) throws { try self.init(protobuf: protobuf.span.bytes) }

    func verify(signature: [UInt8], of message: [UInt8]) -> Bool {
        verify(signature: signature.span.bytes, of: message.span.bytes)
    }
}

extension PeerID {
    init(multihash: [UInt8]) throws { try self.init(multihash: multihash.span.bytes) }
}

extension IdentityKey {
    static func decode(_ protobuf: [UInt8]) throws -> IdentityKey {
        try IdentityKey(privateKeyProtobuf: protobuf.span.bytes)
    }
}

extension Multiaddr {
    init(packed bytes: [UInt8]) throws { try self.init(bytes: bytes.span.bytes) }
}

extension SignedEnvelope {
    init(unverified bytes: [UInt8]) throws { try self.init(unverified: bytes.span.bytes) }

    static func open(_ bytes: [UInt8], domain: String, type: [UInt8]? = nil) throws -> SignedEnvelope {
        try open(bytes.span.bytes, domain: domain, type: type)
    }
}
