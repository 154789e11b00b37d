import Foundation
import Testing

/// What the driver of many records prints.
private struct RecordLine: Decodable {
    let stored: Int?
    let missing: [Int]?
    let error: String?
}

extension InteropTests {
    /// What a node acknowledged is there after it was killed.
    @Suite struct DurabilityTests {
        @Test(arguments: [1, 60, 250])
        func `every record acknowledged before kill -9 is there after a restart`(
            _ killAfter: Int
        ) async throws {
            try await Stage.run { stage in
                let node = try await stage.node("kept")
                let writer = try stage.driver("records_p2pd.py", of: .p2pd, ["put", node.address, "1000000"])
                var stored: [Int] = []
                while stored.count < killAfter {
                    let line = try #require(try await writer.nextLine(), "\(writer.errorText)")
                    stored.append(try #require(try decode(line).stored, "\(line) \(node.process.errorText)"))
                }
                await node.process.killHard()
                for line in try await writer.rest(within: .seconds(30)) {
                    if let index = try decode(line).stored { stored.append(index) }
                }

                let restarted = try await stage.node("kept")
                #expect(restarted.ready.peer == node.ready.peer)
                let indices = stored.map(String.init).joined(separator: ",")
                let reader = try stage.driver(
                    "records_p2pd.py", of: .p2pd, ["get", restarted.address, indices])
                let lines = try await reader.rest(within: .seconds(60))
                let answer = try decode(try #require(lines.last, "\(reader.errorText)"))
                #expect(answer.missing == [], "of \(stored.count) acknowledged: \(lines)")
            }
        }

        private func decode(_ line: String) throws -> RecordLine {
            try JSONDecoder().decode(RecordLine.self, from: Data(line.utf8))
        }
    }
}
