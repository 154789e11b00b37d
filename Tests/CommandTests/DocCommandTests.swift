import Foundation
import Testing

/// `meshp2p doc` from outside, held against what Yjs says of the same updates.
@Suite struct DocCommandTests {
    private let folder: DocFolder

    init() throws {
        folder = try DocFolder()
    }

    @Test(arguments: ["bytes", "hex", "base64", "v2", "jsonl", "jsonl without a format", "standard input"])
    func `show tells the content, the state and the sizes, however the file is packed`(packing: String) throws
    {
        var arguments = ["doc", "show", "--json"]
        var input = Data()
        switch packing {
        case "bytes": arguments.append(try folder.write("a", DocFixtures.base))
        case "hex": arguments.append(try folder.write("a", text: folder.hex(DocFixtures.base) + "\n"))
        case "base64": arguments.append(try folder.write("a", text: DocFixtures.base + "\n"))
        case "v2": arguments.append(try folder.write("a", DocFixtures.baseV2))
        case "jsonl":
            let line = #"{"update":"\#(DocFixtures.baseV2)","v":2}"#
            arguments.append(try folder.write("a.jsonl", text: "\n\(line)\n"))
        case "jsonl without a format":
            arguments.append(
                try folder.write("a.txt", text: "{ \"update\" : \"\(DocFixtures.baseV2)\" }"))
        default:
            arguments.append("-")
            input = try folder.bytes(DocFixtures.base)
        }
        let outcome = try CommandProcess.run(arguments, input: input)
        #expect(outcome.status == 0, "\(outcome)")
        try Self.expect(outcome.output, isLike: DocFixtures.first)
        let shown = try Self.object(outcome.output)
        #expect(shown["ok"] as? Bool == true)
        #expect(shown["pendingBytes"] as? Int == 0)
        #expect(shown["structs"] as? Int == 29)
        #expect(shown["bytes"] as? [String: Int] == ["v1": 403, "v2": 374])
        // Two keys that only look alike are two keys.
        #expect(outcome.output.utf8.contains("\"e\u{301}\":\"decomposed\"".utf8))
        #expect(outcome.output.utf8.contains("\"\u{e9}\":\"composed\"".utf8))
    }

    @Test func `several files are shown as one document, in any order`() throws {
        let files = [
            try folder.write("b", DocFixtures.second), try folder.write("a", DocFixtures.baseV2),
        ]
        let outcome = try CommandProcess.run(["doc", "show", "--json"] + files)
        #expect(outcome.status == 0, "\(outcome)")
        try Self.expect(outcome.output, isLike: DocFixtures.both)
    }

    @Test func `what waits for other updates is said`() throws {
        let files = [try folder.write("a", DocFixtures.base), try folder.write("c", DocFixtures.third)]
        let outcome = try CommandProcess.run(["doc", "show", "--json"] + files)
        let shown = try Self.object(outcome.output)
        #expect(try #require(shown["pendingBytes"] as? Int) > 0)
        #expect(shown["stateVector"] as? [String: Int] == ["1": 41])
        #expect(try CommandProcess.run(["doc", "show"] + files).output.contains("wait for updates"))
    }

    @Test func `roots are shown as the kinds that are named`() throws {
        let file = try folder.write("a", DocFixtures.base)
        let outcome = try CommandProcess.run(
            ["doc", "show", "--json", file, "--roots", "text:Text,list:Array,xml:XmlFragment,gone:Text"])
        let roots = try #require(try Self.object(outcome.output)["roots"] as? [String: [String: Any]])
        #expect(Set(roots.keys) == ["text", "list", "xml", "gone"])
        #expect(roots["gone"]?["text"] as? String == "")
        let all = try CommandProcess.run(["doc", "show", "--json", file])
        let found = try #require(try Self.object(all.output)["roots"] as? [String: [String: Any]])
        #expect(found["gone"]?["kind"] as? String == "Unknown")
    }

    @Test func `for people nothing of a document reaches the terminal raw`() throws {
        let file = try folder.write("a", DocFixtures.base)
        let outcome = try CommandProcess.run(["doc", "show", file])
        #expect(outcome.status == 0)
        for expected in ["1 client", "41 units", "ello world 😀", "<p class=\"a\">hi</p>", "nothing", "29"] {
            #expect(outcome.output.contains(expected), "\(expected)")
        }
        #expect(outcome.output.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    }

    @Test func `control characters of a document stay out of the terminal`() throws {
        let hostile = "\u{1b}[2J\u{202e}\r\nnext: evil"
        let bytes = [UInt8(hostile.utf8.count)] + Array(hostile.utf8)
        // One text of client 5, in a root of a hostile name.
        let file = try folder.write("a", data: Data([1, 1, 5, 0, 4, 1] + bytes + bytes + [0]))
        for command in ["show", "stats", "history"] {
            let outcome = try CommandProcess.run(["doc", command, file])
            #expect(outcome.status == 0)
            #expect(
                outcome.output.unicodeScalars.allSatisfy {
                    $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x202e)
                })
            #expect(!outcome.output.contains("\nnext:"))
        }
        let json = try Self.object(try CommandProcess.run(["doc", "show", file, "--json"]).output)
        let roots = try #require(json["roots"] as? [String: [String: Any]])
        #expect(roots[hostile]?["text"] as? String == hostile)
    }

    @Test func `an update without structs is told apart by what parses`() throws {
        // A deletion alone starts with a zero in both formats.
        let deletion: [UInt8] = [0, 1, 1, 1, 0, 5]
        let file = try folder.write("a", data: Data(deletion))
        let v2 = try written(["convert", file, "--to", "v2"])
        #expect(v2.first == 0)
        #expect(v2 != Data(deletion))
        let back = try folder.write("b", data: v2)
        #expect(try written(["convert", back, "--to", "v1"]) == Data(deletion))
        let empty = try folder.write("c", data: Data([0, 0]))
        #expect(try CommandProcess.run(["doc", "show", empty]).status == 0)
        let cut = try folder.write("d", data: try folder.bytes(DocFixtures.baseV2).dropLast(20))
        #expect(try CommandProcess.run(["doc", "show", cut]).errors.contains("is no v2 update"))
    }

    @Test func `merge, diff and convert write what Yjs writes`() throws {
        let a = try folder.write("a", DocFixtures.base)
        let b = try folder.write("b", DocFixtures.second)
        let merged = try written(["merge", a, b])
        #expect(merged == (try folder.bytes(DocFixtures.merged)))
        let both = try folder.write("both", DocFixtures.merged)
        let vector = try folder.write("sv", DocFixtures.stateVector)
        for state in [vector, DocFixtures.stateVector] {
            let missing = try written(["diff", both, "--state-vector", state])
            #expect(missing == (try folder.bytes(DocFixtures.difference)))
        }
        #expect(try written(["convert", a, "--to", "v2"]) == folder.bytes(DocFixtures.baseV2))
        let v2 = try folder.write("v2", DocFixtures.baseV2)
        let back = try folder.write("back", data: try written(["convert", v2, "--to", "v1"]))
        let shown = try CommandProcess.run(["doc", "show", back, "--json"])
        try Self.expect(shown.output, isLike: DocFixtures.first)
    }

    @Test func `updates of both formats merge into the one that is asked for`() throws {
        let a = try folder.write("a", DocFixtures.baseV2)
        let b = try folder.write("b", DocFixtures.second)
        #expect(try written(["merge", a, b]).first == 1 || written(["merge", a, b]).first == 2)
        let v2 = try folder.write("v2", data: try written(["merge", a, b, "--format", "v2"]))
        let shown = try CommandProcess.run(["doc", "show", v2, "--format", "v2", "--json"])
        try Self.expect(shown.output, isLike: DocFixtures.both)
    }

    @Test func `a file for the result says how large it became`() throws {
        let a = try folder.write("a", DocFixtures.base)
        let outcome = try CommandProcess.run(["doc", "merge", a, "--out", folder.path + "/out", "--json"])
        let report = try Self.object(outcome.output)
        #expect(report["ok"] as? Bool == true)
        #expect(report["bytes"] as? Int == (try folder.bytes(DocFixtures.base)).count)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "out"])
    }

    @Test func `stats say where the size comes from`() throws {
        let a = try folder.write("a", DocFixtures.base)
        let b = try folder.write("b", DocFixtures.second)
        let report = try Self.object(try CommandProcess.run(["doc", "stats", a, b, "--json"]).output)
        #expect(report["ok"] as? Bool == true)
        #expect(report["clients"] as? Int == 2)
        #expect(report["items"] as? Int == 32)
        #expect(report["tombstones"] as? Int == 5)
        #expect((report["bytes"] as? [String: Int])?["v1"] == 429)
        #expect((report["bytesByKind"] as? [String: Int])?["string"] != nil)
        #expect(try CommandProcess.run(["doc", "stats", a]).output.contains("tombstones"))
    }

    @Test func `history lists the clients, and what one of them wrote`() throws {
        let log = try folder.write(
            "log.jsonl",
            text: [DocFixtures.base, DocFixtures.second].map { #"{"update":"\#($0)","v":1}"# }.joined(
                separator: "\n"))
        let clients = try Self.object(try CommandProcess.run(["doc", "history", log, "--json"]).output)
        let listed = try #require(clients["clients"] as? [[String: Int]])
        #expect(listed.map { $0["client"] } == [1, 130])
        #expect(listed.map { $0["clock"] } == [41, 3])
        let one = try CommandProcess.run(["doc", "history", log, "--client", "130", "--json"])
        let changes = try #require(try Self.object(one.output)["changes"] as? [[String: Any]])
        #expect(changes.map { $0["clock"] as? Int } == [0, 1, 2])
        #expect(changes.map { $0["kind"] as? String } == ["string", "any", "any"])
        #expect(changes.map { $0["root"] as? String } == ["text", "map", "list"])
        #expect(changes[1]["key"] as? String == "number")
        #expect(changes[0]["content"] as? String == "J")
        #expect(try CommandProcess.run(["doc", "history", log, "--client", "1"]).output.contains("hi"))
    }

    /// Runs a command that writes a file and gives what it wrote.
    private func written(_ arguments: [String]) throws -> Data {
        let out = folder.path + "/out-\(arguments[0])"
        let outcome = try CommandProcess.run(["doc"] + arguments + ["--out", out])
        #expect(outcome.status == 0, "\(outcome)")
        return try Data(contentsOf: URL(fileURLWithPath: out))
    }

    static func object(_ text: String) throws -> [String: Any] {
        #expect(text.split(separator: "\n").count == 1, "\(text.prefix(400))")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// Whether every member of the expectation is there with its value, in the roots too.
    private static func expect(_ text: String, isLike expected: String) throws {
        let shown = try object(text)
        let wanted = try #require(
            try JSONSerialization.jsonObject(with: Data(expected.utf8)) as? [String: Any])
        for key in ["stateVector", "deleteSet"] {
            #expect(
                NSDictionary(dictionary: [key: shown[key] as Any]) == [key: wanted[key] as Any]
                    as NSDictionary)
        }
        let roots = try #require(shown["roots"] as? [String: Any])
        for (name, root) in try #require(wanted["roots"] as? [String: Any]) {
            #expect(
                NSDictionary(dictionary: [name: roots[name] as Any]) == [name: root] as NSDictionary,
                "\(name)")
        }
    }
}
