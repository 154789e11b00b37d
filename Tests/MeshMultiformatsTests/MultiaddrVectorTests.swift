import MeshCore
import MeshMultiformats
import Testing

struct MultiaddrVectorTests {
    /// The cases of go-multiaddr's own tests.
    struct GoFile: Decodable {
        var refused: [String]
        var accepted: [String]
        var otherProtocols: [String]
        var packed: [[String]]
        var canonical: [String]
        var refusedPacked: [String]

        enum CodingKeys: String, CodingKey {
            case refused, accepted, packed, canonical
            case otherProtocols = "other_protocols"
            case refusedPacked = "refused_packed"
        }
    }

    @Test func `the feature file's scenarios hold in both directions`() throws {
        let feature = try Vectors.text("multiaddr/multiaddr.feature")
        var address: Multiaddr?
        var componentCount = 0
        for line in feature.split(separator: "\n").map({ $0.trimmingPrefix { $0 == " " } }) {
            let last = String(line.split(separator: " ").last ?? "")
            if line.hasPrefix("Given the multiaddr 0x") {
                address = try Multiaddr(packed: bytes(String(last.dropFirst(2))))
            } else if line.hasPrefix("Given the multiaddr ") {
                address = try Multiaddr(last)
            } else if line.hasPrefix("Then the packed form is ") {
                #expect("0x" + Hex.encode(try #require(address).bytes) == last)
            } else if line.hasPrefix("Then the string form is ") {
                #expect(try #require(address).description == last)
            } else if line.hasPrefix("And the packed size is ") {
                #expect(line == "And the packed size is \(try #require(address).bytes.count) bytes")
            } else if line.hasPrefix("And the string size is ") {
                #expect(
                    line == "And the string size is \(try #require(address).description.utf8.count) bytes")
            } else if line.hasPrefix("| /") {
                let cells = line.split(separator: "|").map { $0.filter { $0 != " " } }
                let components = try #require(address).components
                let component = components[componentCount % components.count]
                componentCount += 1
                #expect(component.description == cells[0])
                #expect("0x" + Hex.encode(try Multiaddr(component.description).bytes) == cells[2])
                #expect(component.valueText == cells[4])
                #expect(component.protocol.name == cells[6])
                #expect(String(component.protocol.rawValue) == cells[7])
                #expect("0x" + Hex.encode(component.value) == cells[10])
            }
        }
        #expect(componentCount == 4)
    }

    @Test func `what go-multiaddr refuses to construct is refused`() throws {
        let file = try Vectors.load("multiaddr/go_multiaddr.json", as: GoFile.self)
        #expect(file.refused.count == 46)
        for text in file.refused {
            #expect(throws: MultiaddrError.self, "\(text)") { try Multiaddr(text) }
        }
        for hex in file.refusedPacked {
            #expect(throws: MultiaddrError.self, "\(hex)") { try Multiaddr(packed: bytes(hex)) }
        }
    }

    @Test func `what go-multiaddr accepts is accepted, and its text is stable`() throws {
        let file = try Vectors.load("multiaddr/go_multiaddr.json", as: GoFile.self)
        #expect(file.accepted.count == 60)
        for text in file.accepted {
            let address = try Multiaddr(text)
            #expect(try Multiaddr(address.description) == address, "\(text)")
            #expect(try Multiaddr(packed: address.bytes) == address, "\(text)")
        }
        for text in file.canonical { #expect(try Multiaddr(text).description == text) }
        for pair in file.packed {
            #expect(Hex.encode(try Multiaddr(pair[0]).bytes) == pair[1])
            #expect(try Multiaddr(packed: bytes(pair[1])).description == pair[0])
        }
    }

    @Test func `protocols that no peer of ours speaks are named as unknown`() throws {
        let file = try Vectors.load("multiaddr/go_multiaddr.json", as: GoFile.self)
        for text in file.otherProtocols {
            var isUnknownName = false
            do { _ = try Multiaddr(text) } catch MultiaddrError.unknownName { isUnknownName = true }
            #expect(isUnknownName, "\(text)")
        }
    }
}
