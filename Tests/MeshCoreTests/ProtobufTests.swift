import MeshCore
import Testing

struct ProtobufTests {
    /// Every field of `message` as text.
    private func fields(_ message: [UInt8]) throws -> [String] {
        var reader = ProtobufReader()
        var found: [String] = []
        while let field = try reader.next(in: message) {
            switch field.value {
            case .varint(let value): found.append("\(field.number)=\(value)")
            case .fixed64(let value): found.append("\(field.number)=fixed64 \(value)")
            case .fixed32(let value): found.append("\(field.number)=fixed32 \(value)")
            case .bytes(let range): found.append("\(field.number)=\(Hex.encode(message[range]))")
            }
        }
        return found
    }

    /// protobuf.dev, "Encoding": the examples of the page.
    @Test(arguments: [
        ("089601", ["1=150"]), ("120774657374696e67", ["2=74657374696e67"]), ("1a03089601", ["3=089601"]),
        ("220568656c6c6f280128022803", ["4=68656c6c6f", "5=1", "5=2", "5=3"]),
        ("0900000000000000010d02000000", ["1=fixed64 72057594037927936", "1=fixed32 2"]), ("", []),
        // Two's complement of -2 as int64, and a padded varint, which protobuf allows.
        ("08feffffffffffffffff01", ["1=18446744073709551614"]), ("08808000", ["1=0"]),
    ])
    func `fields are those of the specification`(hex: String, expected: [String]) throws {
        #expect(try fields(bytes(hex)) == expected)
    }

    @Test(arguments: [
        ("08", ProtobufError.truncated(offset: 1)), ("0880", .truncated(offset: 1)),
        ("1205616263", .truncated(offset: 0)),
        ("09010203", .truncated(offset: 0)), ("0d0102", .truncated(offset: 0)),
        ("0001", .badFieldNumber(offset: 0)),
        ("080180808080800101", .badFieldNumber(offset: 2)), ("0b", .badWireType(3, offset: 0)),
        ("0c", .badWireType(4, offset: 0)), ("0e", .badWireType(6, offset: 0)),
        ("08ffffffffffffffffffff01", .varintTooLong(offset: 1)),
        ("12ffffffffffffffffff01", .truncated(offset: 0)),
    ])
    func `a broken message is refused with the place`(hex: String, error: ProtobufError) {
        #expect(throws: error) { try fields(bytes(hex)) }
    }

    @Test func `a value of another wire type, too long or not UTF-8 is refused`() throws {
        let message = try bytes("08011203616263" + "1202c328")
        var reader = ProtobufReader()
        let number = try #require(try reader.next(in: message))
        #expect(try number.varint() == 1)
        #expect(throws: ProtobufError.unexpectedWireType(field: 1)) { try number.range() }
        let text = try #require(try reader.next(in: message))
        #expect(throws: ProtobufError.unexpectedWireType(field: 2)) { try text.varint() }
        #expect(try text.range(limit: 3) == 4..<7)
        #expect(throws: ProtobufError.fieldTooLong(field: 2, byteCount: 3, limit: 2)) {
            try text.range(limit: 2)
        }
        #expect(try text.text(of: message.span.bytes) == "abc")
        let broken = try #require(try reader.next(in: message))
        #expect(throws: ProtobufError.notUTF8(field: 2)) { try broken.text(of: message.span.bytes) }
    }

    @Test func `what is written is what the specification writes`() {
        var writer = ProtobufWriter()
        writer.varint(1, 150)
        writer.text(2, "testing")
        writer.message(3) { $0.varint(1, 150) }
        writer.bytes(4, [1, 2])
        writer.varint(100, 0)
        #expect(
            Hex.encode(writer.bytes) == "089601" + "120774657374696e67" + "1a03089601" + "22020102" + "a00600"
        )
        var continued = ProtobufWriter([0xff])
        continued.varint(1, 1)
        #expect(continued.bytes == [0xff, 8, 1])
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `random bytes are no trap`(seed: UInt64) {
        var rng = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            var message: [UInt8] = []
            message.appendRandom(Int.random(in: 0...40, using: &rng), using: &rng)
            if Bool.random(using: &rng) { message = message.map { $0 & 0x1f } }
            _ = try? fields(message)
        }
    }
}
