import Foundation
import MeshCore
import MeshMultiformats
import Testing

@testable import MeshConnection

@Suite struct NoisePayloadTests {
    private struct Vector: Decodable {
        var identity_public_key: String
        var static_pub: String
        var signed_bytes: String
        var identity_sig: String
        var payload_no_ext: String
        var payload_with_yamux_ext: String
    }

    private func vector() throws -> Vector {
        try JSONDecoder().decode(Vector.self, from: ConnectionTestVectors.data("noise/payload.json"))
    }

    private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

    private func decode(_ bytes: [UInt8]) throws -> NoisePayload { try NoisePayload(bytes.span.bytes) }

    @Test func `payloads have the bytes of the vector and read back`() throws {
        let vector = try vector()
        var payload = NoisePayload(
            identityKey: try bytes(vector.identity_public_key), signature: try bytes(vector.identity_sig))
        #expect(Hex.encode(payload.encoded) == vector.payload_no_ext)
        #expect(try decode(payload.encoded) == payload)
        payload.streamMuxers = ["/yamux/1.0.0"]
        #expect(Hex.encode(payload.encoded) == vector.payload_with_yamux_ext)
        #expect(try decode(payload.encoded) == payload)
    }

    @Test func `the vector's signature is that of its identity`() throws {
        let vector = try vector()
        let staticKey = try #require(Bytes32(try bytes(vector.static_pub)))
        let signed = NoisePayload.signedBytes(staticKey: staticKey)
        #expect(Hex.encode(signed) == vector.signed_bytes)
        let encodedKey = try bytes(vector.identity_public_key)
        let publicKey = try PublicKey(protobuf: encodedKey.span.bytes)
        let signature = try bytes(vector.identity_sig)
        let isGenuine = publicKey.verify(signature: signature.span.bytes, of: signed.span.bytes)
        #expect(isGenuine)
    }

    @Test func `old data, certificate hashes and unknown fields are skipped`() throws {
        var writer = ProtobufWriter()
        writer.bytes(3, [1, 2, 3])
        writer.bytes(1, [7])
        writer.varint(99, 5)
        writer.bytes(2, [8])
        writer.message(4) { extensions in
            extensions.bytes(1, [0xff])
            extensions.text(2, "/mplex/6.7.0")
            extensions.text(2, "/yamux/1.0.0")
        }
        let payload = try decode(writer.bytes)
        #expect(
            payload
                == NoisePayload(
                    identityKey: [7], signature: [8], streamMuxers: ["/mplex/6.7.0", "/yamux/1.0.0"]))
    }

    @Test func `payloads beyond a limit are refused`() throws {
        var writer = ProtobufWriter()
        writer.bytes(1, [UInt8](repeating: 0, count: NoisePayload.maximumIdentityKeyByteCount + 1))
        #expect(throws: ProtobufError.fieldTooLong(field: 1, byteCount: 2049, limit: 2048)) {
            _ = try decode(writer.bytes)
        }
        writer = ProtobufWriter()
        writer.message(4) { extensions in
            for _ in 0...NoisePayload.maximumMuxerCount { extensions.text(2, "/m") }
        }
        #expect(throws: ProtobufError.tooManyValues(field: 2, limit: 16)) {
            _ = try decode(writer.bytes)
        }
    }

    @Test func `a missing key or signature is named`() throws {
        var writer = ProtobufWriter()
        writer.bytes(1, [7])
        #expect(throws: ProtobufError.missingField(2)) { _ = try decode(writer.bytes) }
        #expect(throws: ProtobufError.missingField(1)) { _ = try decode([]) }
    }
}
