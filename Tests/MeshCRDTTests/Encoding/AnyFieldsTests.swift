import Testing

@testable import MeshCRDT

@Suite struct AnyFieldsTests {
    @Test func `indices come first and ascend, other keys keep the order of their arrival`() {
        var fields = AnyFields()
        for key in ["b", "10", "a", "9", "01", "4294967295", "4294967294", "-1", "0", ""] {
            fields[key] = .string(key)
        }
        #expect(fields.keys == ["0", "9", "10", "4294967294", "b", "a", "01", "4294967295", "-1", ""])
        #expect(fields["9"] == "9")
    }

    @Test func `a key that comes again keeps its place and takes the value`() {
        var fields: AnyFields = ["a": 1, "b": 2, "a": 3]
        #expect(fields.keys == ["a", "b"])
        #expect(fields["a"] == 3)
        fields["a"] = nil
        fields["1"] = true
        fields["0"] = false
        fields["1"] = nil
        fields["a"] = 4
        #expect(fields.keys == ["0", "b", "a"])
        fields["00"] = 5
        fields["2"] = 6
        #expect(fields.keys == ["0", "2", "b", "a", "00"])
        fields["00"] = nil
        fields["2"] = nil
        fields["none"] = nil
        #expect(fields.count == 3)
        #expect(fields["none"] == nil)
    }

    @Test func `equivalent texts of different bytes are different keys`() {
        let fields: AnyFields = ["\u{e9}": 1, "e\u{301}": 2]
        #expect(fields.count == 2)
        #expect(fields["\u{e9}"] == 1)
        #expect(fields["e\u{301}"] == 2)
        #expect(AnyValue.string("\u{e9}") != .string("e\u{301}"))
        #expect(ByteKey(string: "\u{e9}") != ByteKey(string: "e\u{301}"))
    }

    @Test func `many fields at once end as when they are assigned one by one`() {
        var assigned: [(key: String, value: AnyValue)] = []
        for place in 0..<200 {
            let key = place % 3 == 0 ? "k\(place % 40)" : "\(place * 7 % 60)"
            assigned.append((key, .number(Double(place))))
        }
        var fields = AnyFields()
        for (key, value) in assigned {
            fields[key] = value
        }
        #expect(AnyFields(assigned) == fields)
        var bulk = AnyFields(assigned)
        bulk["5"] = nil
        fields["5"] = nil
        bulk["1000"] = true
        fields["1000"] = true
        #expect(bulk == fields)
        #expect(bulk.hashValue == fields.hashValue)
    }

    @Test func `equality is that of the bytes, deep equality that of JavaScript`() {
        #expect(AnyValue.number(0) != .number(-0.0))
        #expect(AnyValue.number(.nan) == .number(-.nan))
        #expect(AnyValue.number(0).isDeeplyEqual(to: .number(-0.0)))
        #expect(!AnyValue.number(.nan).isDeeplyEqual(to: .number(.nan)))
        let left: AnyValue = ["a": [1, "x", .null], "b": ["c": true]]
        let right: AnyValue = ["b": ["c": true], "a": [1, "x", .null]]
        #expect(left != right)
        #expect(left.isDeeplyEqual(to: right))
        #expect(!left.isDeeplyEqual(to: ["a": [1, "x", .null], "d": ["c": true]]))
        #expect(!left.isDeeplyEqual(to: ["a": [1, "x"], "b": ["c": true]]))
        #expect(AnyValue.undefined != .null)
        #expect(!AnyValue.undefined.isDeeplyEqual(to: .null))
        #expect(Set<AnyValue>([left, right, left, .bigInt(1), .number(1)]).count == 4)
    }
}
