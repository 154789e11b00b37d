import Foundation
import Testing

/// `meshp2p doc` used wrongly, on files that are not what they should be, and on disks that are full.
@Suite struct DocFailureTests {
    private let folder: DocFolder

    init() throws {
        folder = try DocFolder()
    }

    @Test(
        arguments: [
            (["doc"], 2), (["doc", "shwo"], 2), (["doc", "show"], 2), (["doc", "show", "/nonexistent"], 2),
            (["doc", "show", "/"], 2), (["doc", "show", "-", "--roots", "text"], 2),
            (["doc", "show", "-", "--roots", "text:Txet"], 2), (["doc", "show", "-", "--format", "v3"], 2),
            (["doc", "merge", "-"], 2), (["doc", "merge", "/nonexistent", "--out", "/dev/null"], 2),
            (["doc", "diff", "-", "--out", "/dev/null"], 2),
            (["doc", "diff", "-", "--state-vector", "%%", "--out", "/dev/null"], 2),
            (["doc", "convert", "-", "--out", "/dev/null"], 2),
            (["doc", "convert", "-", "--to", "v3", "--out", "/dev/null"], 2),
            (["doc", "stats"], 2), (["doc", "history"], 2), (["doc", "history", "-", "--client", "x"], 2),
            (["doc", "replay"], 2), (["doc", "replay", "/nonexistent"], 2),
            (["doc", "replay", "-", "--only", "everything"], 2),
            (["doc", "replay", "-", "--repeat", "0"], 2),
            (["doc", "replay", "-"], 1), (["doc", "show", "-"], 1), (["doc", "stats", "-"], 1),
            (["bench", "crdt", "--case", "B9"], 2), (["bench", "crdt", "--case", "B1"], 2),
            (["bench", "crdt", "--case", "load"], 2), (["bench", "crdt", "--factor", "7"], 2),
            (["bench", "crdt", "--case", "B1", "--inputs", "/nonexistent"], 2),
            (["doc", "--help"], 0), (["doc", "show", "--help"], 0), (["bench", "crdt", "--help"], 0),
        ] as [([String], Int32)])
    func `the exit code says what kind of end it was`(arguments: [String], status: Int32) throws {
        let outcome = try CommandProcess.run(arguments)
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.output.isEmpty == (status != 0))
        #expect(outcome.errors.isEmpty == (status == 0))
    }

    @Test(arguments: ["show", "merge", "diff", "convert", "stats", "history", "replay"])
    func `every subcommand has examples and speaks JSON`(name: String) throws {
        let help = try CommandProcess.run(["doc", name, "--help"]).output
        #expect(help.contains("EXAMPLES"))
        #expect(help.contains("  meshp2p doc \(name)"))
        #expect(help.contains("--json"))
    }

    @Test func `every cut of an update is refused with its byte, and nothing is written`() throws {
        for (name, fixture) in [("v1", DocFixtures.base), ("v2", DocFixtures.baseV2)] {
            let whole = try folder.bytes(fixture)
            for count in stride(from: 1, to: whole.count, by: 41) {
                let file = try folder.write("cut", data: whole.prefix(count))
                for arguments in [["show", file], ["merge", file, "--out", folder.path + "/out"]] {
                    let format = arguments[0] == "show" ? ["--format", name] : []
                    let outcome = try CommandProcess.run(["doc"] + arguments + format)
                    #expect(outcome.status == 1, "\(count): \(outcome)")
                    #expect(outcome.errors.contains("/cut is no v"), "\(outcome)")
                    #expect(outcome.errors.contains("byte "), "\(outcome)")
                    #expect(outcome.errors.contains("\nnext: "), "\(outcome)")
                }
                #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"))
            }
        }
    }

    @Test func `a damaged update of several is named`() throws {
        let good = try folder.write("good", DocFixtures.base)
        let bad = try folder.write("bad", data: Data([1, 1, 7, 0, 0xff, 0xff, 0xff, 0xff]))
        let log = try folder.write(
            "log.jsonl",
            text: [DocFixtures.base, "AQEHAP////8="].map { #"{"update":"\#($0)","v":1}"# }.joined(
                separator: "\n"))
        let merge = try CommandProcess.run([
            "doc", "merge", good, bad, "--out", folder.path + "/out", "--json",
        ])
        #expect(merge.status == 1)
        let error = try #require(try DocCommandTests.object(merge.output)["error"] as? [String: String])
        #expect(error["code"] == "malformed")
        #expect(error["message"]?.contains("/bad is no v1 update") == true)
        #expect(try CommandProcess.run(["doc", "show", log]).errors.contains("update 2 of "))
        let lines = try folder.write("lines.jsonl", text: "{\"update\":\"AAA=\",\"v\":1}\n{\"update\":7}\n")
        let outcome = try CommandProcess.run(["doc", "show", lines])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("line 2 of "))
    }

    @Test func `bombs are refused with the limit, and soon`() throws {
        // 2^30 clients, and a text of 2^40 bytes: no memory is taken for what is not there.
        for bomb in [
            [0x80, 0x80, 0x80, 0x80, 0x04], [1, 1, 1, 0, 4, 1, 1, 0x61, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20],
        ] {
            let file = try folder.write("bomb", data: Data(bomb.map { UInt8($0) }))
            let outcome = try CommandProcess.shell("ulimit -v 4000000; \"$0\" doc show \"$1\"", [file])
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.errors.contains("byte "), "\(outcome)")
        }
    }

    @Test func `values nested too deeply are refused with both numbers`() throws {
        // An array that holds one value: 100 arrays inside each other. Source: lib0 any encoding, 117 is an array.
        let nested = [UInt8]([[UInt8]](repeating: [117, 1], count: 100).joined()) + [126]
        let file = try folder.write("deep", data: Data([1, 1, 1, 0, 8, 1, 1, 0x61, 1] + nested + [0]))
        let outcome = try CommandProcess.run(["doc", "show", file, "--json"])
        #expect(outcome.status == 1)
        let error = try #require(try DocCommandTests.object(outcome.output)["error"] as? [String: String])
        #expect(error["code"] == "limit")
        #expect(error["message"]?.contains("65 at byte") == true)
        #expect(error["message"]?.hasSuffix("exceeds the limit of 64") == true)
    }

    @Test func `a state vector that is none is refused with the place`() throws {
        let file = try folder.write("a", DocFixtures.base)
        let vector = try folder.write("sv", data: Data([3, 1, 2]))
        let outcome = try CommandProcess.run(
            ["doc", "diff", file, "--state-vector", vector, "--out", folder.path + "/out"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("holds no state vector"))
        #expect(outcome.errors.contains("byte"))
    }

    @Test func `a client that wrote nothing is not found`() throws {
        let file = try folder.write("a", DocFixtures.base)
        #expect(try CommandProcess.run(["doc", "history", file, "--client", "2"]).status == 3)
    }

    @Test func `a file that cannot be written in full stays what it was`() throws {
        let source = try folder.write("a", data: Self.longText)
        let out = try folder.write("out", text: "old")
        let small = try CommandProcess.shell(
            "trap '' XFSZ; ulimit -f 1; \"$0\" doc merge \"$1\" --out \"$2\"", [source, out])
        #expect(small.status == 1, "\(small)")
        #expect(small.errors.contains("cannot write"))
        #expect(try folder.read("out") == Data("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "out"])
        let missing = try CommandProcess.run(["doc", "merge", source, "--out", folder.path + "/no/out"])
        #expect(missing.status == 1)
        #expect(try CommandProcess.run(["doc", "merge", source, "--out", folder.path]).status == 1)
        let device = try CommandProcess.run(["doc", "merge", source, "--out", "/dev/full"])
        #expect(device.status == 1)
        #expect(device.errors.contains("No space left"))
    }

    /// An update of client 5 with 2,000 characters.
    private static let longText = Data(
        [1, 1, 5, 0, 4, 1, 4] + Array("text".utf8) + [0xd0, 0x0f] + [UInt8](repeating: 0x61, count: 2_000) + [
            0
        ])

    @Test func `a full disk leaves the old file`() throws {
        let source = try folder.write("a", data: Self.longText)
        let outcome = try CommandProcess.shell(
            """
            mkdir "$1/disk" && mount -t tmpfs -o size=8k tmpfs "$1/disk" || exit 77
            echo old > "$1/disk/out"; head -c 4000 /dev/zero > "$1/disk/filler"
            "$0" doc merge "$2" --out "$1/disk/out"; status=$?
            cat "$1/disk/out"; ls "$1/disk"; umount "$1/disk"; exit $status
            """, [folder.path, source])
        // Only root may mount.
        guard outcome.status != 77 else { return }
        #expect(outcome.status == 1, "\(outcome)")
        #expect(outcome.errors.contains("No space left"))
        #expect(outcome.output == "old\nfiller\nout\n")
    }

    @Test func `a result replaces the file behind a link and keeps its mode`() throws {
        let source = try folder.write("a", DocFixtures.base)
        let target = try folder.write("target", text: "old")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: target)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: target)
        let outcome = try CommandProcess.run(["doc", "merge", source, "--out", folder.path + "/link"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try folder.read("target") == folder.bytes(DocFixtures.base))
        let attributes = try FileManager.default.attributesOfItem(atPath: target)
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link") == target)
    }
}
