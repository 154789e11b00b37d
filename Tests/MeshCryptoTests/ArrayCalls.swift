import MeshCore
import MeshCrypto

// Expectations take no spans: these forms take arrays.

extension Ed25519 {
    static func verify(signature: [UInt8], of message: [UInt8], by publicKey: Bytes32) -> Bool {
        verify(signature: signature.span.bytes, of: message.span.bytes, by: publicKey)
    }
}

extension RSA {
    static func isValid(publicKey: [UInt8]) -> Bool { isValid(publicKey: publicKey.span.bytes) }
}

extension ECDSA {
    static func isValid(publicKey: [UInt8]) -> Bool { isValid(publicKey: publicKey.span.bytes) }

    static func compressedP256Point(of publicKey: [UInt8]) -> [UInt8]? {
        compressedP256Point(of: publicKey.span.bytes)
    }

    static func publicKey(compressedP256Point point: [UInt8]) -> [UInt8]? {
        publicKey(compressedP256Point: point.span.bytes)
    }
}

extension Secp256k1 {
    static func isValid(publicKey: [UInt8]) -> Bool { isValid(publicKey: publicKey.span.bytes) }
}

extension HMACSHA256 {
    static func code(of message: [UInt8], key: Bytes32) -> Bytes32 { code(of: message.span.bytes, key: key) }
}
