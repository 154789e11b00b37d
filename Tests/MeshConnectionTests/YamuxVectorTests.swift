import Foundation
import MeshCore
import Testing

@testable import MeshConnection

@Suite struct YamuxVectorTests {
    /// Header bytes by name.
    static func vectors(file: String = #filePath) throws -> [String: [UInt8]] {
        let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "Specs/vectors/yamux/frames.json"))
        return try JSONDecoder().decode([String: String].self, from: data).compactMapValues(Hex.decode)
    }

    @Test func `opening, pinging, closing and resetting write the bytes of the specification`() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count == 7)
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        #expect(end.takeFrames() == vectors["open_stream1_SYN_windowupdate_0"])
        end.finish(stream)
        #expect(end.takeFrames() == vectors["fin_stream1"])
        end.reset(stream)
        #expect(end.takeFrames() == vectors["rst_stream1"])
        end.receive(try #require(vectors["ping_SYN_id7"]))
        #expect(end.takeFrames() == vectors["ping_ACK_id7"])
        end.session.close(code: YamuxGoAwayCode.normal, now: end.now, into: &end.effects)
        #expect(end.takeFrames() == vectors["goaway_normal"])
    }

    @Test func `a written stream sends the data header of the specification`() throws {
        let vectors = try Self.vectors()
        var end = YamuxEnd(.dialer)
        let stream = try end.open()
        _ = end.takeFrames()
        try end.write([1, 2, 3, 4, 5], to: stream)
        #expect(end.takeFrames() == (vectors["data_stream1_5bytes_hdr"] ?? []) + [1, 2, 3, 4, 5])
    }

    @Test func `the specification's frames are understood`() throws {
        let vectors = try Self.vectors()
        var end = YamuxEnd(.listener)
        end.receive(try #require(vectors["open_stream1_SYN_windowupdate_0"]))
        end.receive(try #require(vectors["data_stream1_5bytes_hdr"]) + [5, 4, 3, 2, 1])
        end.receive(try #require(vectors["fin_stream1"]))
        end.receive(try #require(vectors["rst_stream1"]))
        end.receive(try #require(vectors["goaway_normal"]))
        let stream = StreamID(1)
        #expect(
            end.events == [
                .opened(stream), .data(stream, 19..<24), .end(stream), .reset(stream, code: 0),
                .goAway(code: 0),
            ])
        #expect(end.received[stream] == [5, 4, 3, 2, 1])
    }
}
