import Foundation
import Testing

/// The built command as a process of its own.
struct CommandProcess {
    /// What a call printed, and how it ended.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// The binary that was built with these tests, which run from the same folder.
    static let binary: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("meshp2p")
    }()

    /// Runs the command to its end, without a home of its own unless the arguments name one.
    static func run(_ arguments: [String], input: Data = Data()) throws -> Outcome {
        let process = Process()
        // A command that hangs ends with status 124 instead of holding up every test.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["60", binary.path] + arguments
        process.environment = ["MESHP2P_HOME": "/nonexistent/meshp2p-tests", "PATH": "/usr/bin:/bin"]
        let output = Pipe()
        let errors = Pipe()
        let source = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = source
        try process.run()
        // Larger input than a pipe holds: the command may refuse it before it has read all.
        signal(SIGPIPE, SIG_IGN)
        try? source.fileHandleForWriting.write(contentsOf: input)
        try? source.fileHandleForWriting.close()
        let outputData = try output.fileHandleForReading.readToEnd() ?? Data()
        let errorData = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: outputData, as: UTF8.self),
            errors: String(decoding: errorData, as: UTF8.self))
    }
}
