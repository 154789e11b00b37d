import Foundation
import Testing

extension InteropTests {
    /// What `make run` starts.
    @Suite struct DemoTests {
        @Test func `the demo shows two meshes that find and dial each other and leaves nothing behind`()
            async throws
        {
            try await Stage.run { stage in
                let demo = try stage.start(
                    "Bootstrap/demo.sh",
                    [Installation.root.appending(path: "Bootstrap/demo.sh").path, "--once"],
                    environment: [
                        "MESHP2P_BINARY": try Installation.binary(),
                        "MESHP2P_DEMO": stage.folder.appending(path: "demo").path,
                    ])
                let output = try await demo.rest(within: .seconds(120)).joined(separator: "\n")
                #expect(demo.exitCode == 0, "\(output)\n\(demo.errorText)")
                for expected in ["$ meshp2p find mesh lighthouse", "$ meshp2p dial lighthouse", "round trip"]
                {
                    #expect(output.contains(expected), "\(expected) is not in:\n\(output)")
                }
                let left = try FileManager.default.contentsOfDirectory(
                    atPath: stage.folder.appending(path: "demo").path)
                #expect(!left.contains { $0.hasSuffix(".pid") }, "\(left)")
            }
        }
    }
}
