import MeshCore
import Testing

@testable import MeshConnection

@Suite struct PerfTests {
    @Test(arguments: [0, 1, 7, 8, 9, 1000] as [Int])
    func `so many bytes go up and down as were asked for`(chunk: Int) throws {
        var client = PerfClient(uploadByteCount: 12_345, downloadByteCount: 54_321)
        var server = PerfServer()
        let size = max(1, chunk)
        while !client.isUploadComplete {
            var bytes: [UInt8] = []
            client.produce(size, into: &bytes)
            try server.receive(bytes.span.bytes)
        }
        #expect(server.uploadedByteCount == 12_345)
        var early: [UInt8] = []
        server.produce(100, into: &early)
        #expect(early.isEmpty)
        try server.receiveEnd()
        while !server.isComplete {
            var bytes: [UInt8] = []
            server.produce(size, into: &bytes)
            try client.receive(bytes.count)
        }
        try client.receiveEnd()
        #expect(client.isComplete)
    }

    @Test func `the size is read however it is cut`() throws {
        let bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 1, 2, 9, 9]
        for cut in 0...bytes.count {
            var server = PerfServer()
            try server.receive(Array(bytes[..<cut]).span.bytes)
            try server.receive(Array(bytes[cut...]).span.bytes)
            try server.receiveEnd()
            var output: [UInt8] = []
            server.produce(1000, into: &output)
            #expect(output.count == 258)
            #expect(server.uploadedByteCount == 2)
        }
    }

    @Test func `sizes beyond the limits are refused`() throws {
        var configuration = PerfConfiguration()
        configuration.maximumDownloadByteCount = 10
        configuration.maximumUploadByteCount = 5
        var atLimit = PerfServer(configuration: configuration)
        try atLimit.receive(([0, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3, 4, 5] as [UInt8]).span.bytes)
        #expect(throws: PerfError.uploadTooLong(limit: 5)) {
            try atLimit.receive(([1] as [UInt8]).span.bytes)
        }
        var beyond = PerfServer(configuration: configuration)
        #expect(throws: PerfError.downloadTooLong(byteCount: 11, limit: 10)) {
            try beyond.receive(([0, 0, 0, 0, 0, 0, 0, 11] as [UInt8]).span.bytes)
        }
        var huge = PerfServer()
        #expect(throws: PerfError.downloadTooLong(byteCount: .max, limit: 64 << 30)) {
            try huge.receive([UInt8](repeating: 255, count: 8).span.bytes)
        }
    }

    @Test func `ends at the wrong place are errors`() throws {
        var server = PerfServer()
        try server.receive(([1, 2] as [UInt8]).span.bytes)
        #expect(throws: PerfError.truncatedSize(byteCount: 2)) { try server.receiveEnd() }
        var client = PerfClient(uploadByteCount: 0, downloadByteCount: 3)
        try client.receive(2)
        #expect(throws: PerfError.wrongDownload(byteCount: 2, expected: 3)) { try client.receiveEnd() }
        #expect(throws: PerfError.wrongDownload(byteCount: 4, expected: 3)) { try client.receive(2) }
        let huge = PerfError.wrongDownload(byteCount: UInt64(Int.max) + 2, expected: 3)
        #expect(throws: huge) { try client.receive(.max) }
    }
}
