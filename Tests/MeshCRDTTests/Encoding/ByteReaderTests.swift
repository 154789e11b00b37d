import Testing

@testable import MeshCRDT

@Suite struct ByteReaderTests {
    @Test func `a number of 53 bits is read, one of 54 is refused`() throws {
        var reader = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])
        #expect(try reader.varUint() == 1 << 53 - 1)
        reader = ByteReader([9, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f])
        try reader.skip(1)
        #expect(throws: UpdateError.malformed(.number, offset: 1)) { try reader.varUint() }
        reader = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f])
        #expect(try reader.varInt() == (1 << 53 - 1, true))
        reader = ByteReader([0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f])
        #expect(throws: UpdateError.malformed(.number, offset: 0)) { try reader.varInt() }
    }

    @Test func `a number of nine bytes is refused, though its value may be small`() {
        var reader = ByteReader([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00])
        #expect(throws: UpdateError.malformed(.number, offset: 0)) { try reader.varUint() }
        reader = ByteReader([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80])
        #expect(throws: UpdateError.malformed(.number, offset: 0)) { try reader.varUint() }
        #expect(reader.offset == 0)
    }

    @Test func `zero bytes behind a number are seen`() throws {
        var reader = ByteReader([0x81, 0x00, 0x01])
        #expect(try reader.varUint() == 1)
        #expect(reader.isPadded(since: 0))
        #expect(try reader.varUint() == 1)
        #expect(!reader.isPadded(since: 2))
    }

    @Test func `the end of its range ends it, though the array goes on`() throws {
        var reader = ByteReader([1, 0x81, 0x01, 7], range: 1..<2)
        #expect(reader.remaining == 1)
        #expect(throws: UpdateError.truncated(offset: 1)) { try reader.varUint() }
        #expect(throws: UpdateError.truncated(offset: 1)) { try reader.varInt() }
        #expect(throws: UpdateError.truncated(offset: 1)) { try reader.take(2) }
        #expect(throws: UpdateError.truncated(offset: 1)) { try reader.bigEndian32() }
        #expect(try reader.byte() == 0x81)
        #expect(reader.isAtEnd)
        #expect(reader.peek() == nil)
        #expect(throws: UpdateError.truncated(offset: 2)) { try reader.byte() }
        #expect(throws: UpdateError.truncated(offset: 2)) { try reader.varUint() }
        #expect(throws: UpdateError.truncated(offset: 2)) { try reader.varInt() }
    }

    @Test func `a length beyond the end is refused before anything is taken`() {
        var reader = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2])
        #expect(throws: UpdateError.truncated(offset: 0)) { try reader.varBytes() }
        reader = ByteReader([3, 1, 2])
        #expect(throws: UpdateError.truncated(offset: 0)) { try reader.varBytes() }
        reader = ByteReader([3, 1, 2])
        #expect(throws: UpdateError.truncated(offset: 0)) { try reader.varString() }
    }

    @Test func `byte strings and texts give the place of their inside`() throws {
        var bytes: [UInt8] = []
        bytes.appendVarBytes([1, 2, 3])
        bytes.appendVarString("a😀")
        bytes.appendVarBytes([9, 8, 7, 6], 1..<3)
        var reader = ByteReader(bytes)
        #expect(try reader.varBytes() == 1..<4)
        let (range, utf16Count) = try reader.varString()
        #expect(range == 5..<10)
        #expect(utf16Count == 3)
        #expect(reader.string(range) == "a😀")
        #expect(reader.copy(try reader.varBytes()) == [8, 7])
        #expect(reader.isAtEnd)
    }

    @Test func `text that is not UTF-8 is refused where it starts`() throws {
        var reader = ByteReader([0, 2, 0x61, 0xff])
        #expect(try reader.varString() == (1..<1, 0))
        #expect(throws: UpdateError.malformed(.text, offset: 2)) { try reader.varString() }
    }
}
