import MeshCore
import Testing

struct RawSpanReadingTests {
    private let source = Array(1...16 as ClosedRange<UInt8>)

    @Test func `numbers are read in network order at any offset`() {
        let byte = source.span.bytes.byte(at: 2)
        let short = source.span.bytes.bigEndian(at: 1, as: UInt16.self)
        let word = source.span.bytes.bigEndian(at: 3, as: UInt32.self)
        let long = source.span.bytes.bigEndian(at: 8, as: UInt64.self)
        #expect(byte == 3)
        #expect(short == 0x0203)
        #expect(word == 0x0405_0607)
        #expect(long == 0x090a_0b0c_0d0e_0f10)
    }

    @Test func `parts are copied and compared`() {
        let part = source.span.bytes.array(2..<5)
        #expect(part == [3, 4, 5])
        let isEqual = source.span.bytes.equals(source)
        let isShorterEqual = source.span.bytes.equals(Array(source.dropLast()))
        let isOtherEqual = source.span.bytes.equals(source.reversed())
        #expect(isEqual)
        #expect(!isShorterEqual)
        #expect(!isOtherEqual)
        let empty = RawSpan().array
        #expect(empty == [])
    }

    @Test func `numbers are appended in network order`() {
        var target: [UInt8] = [9]
        target.appendBigEndian(UInt16(0x0102))
        target.appendBigEndian(UInt32(0x0304_0506))
        target.append(source.span.bytes.extracting(0..<2))
        #expect(target == [9, 1, 2, 3, 4, 5, 6, 1, 2])
    }
}
