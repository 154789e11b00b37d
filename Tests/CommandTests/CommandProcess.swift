import Foundation

/// The built command as a process of its own.
enum CommandProcess {
    /// What a call printed, and how it ended.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// The binary that was built with these tests, which run from the same folder.
    static let binary: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("meshp2p").path
    }()

    /// No home but the one that the arguments name.
    static let environment = [
        "MESHP2P_HOME=/nonexistent/meshp2p-tests", "PATH=/usr/bin:/bin", "HOME=/nonexistent",
    ]

    /// Runs the command to its end; one that hangs ends with status 124.
    static func run(_ arguments: [String], input: Data = Data()) throws -> Outcome {
        try run(program: [binary] + arguments, input: input)
    }

    /// Runs a script with the binary as `$0`.
    static func shell(_ script: String, _ arguments: [String] = []) throws -> Outcome {
        try run(program: ["/bin/bash", "-c", script, binary] + arguments, input: Data())
    }

    private static func run(program: [String], input: Data) throws -> Outcome {
        let folder = temporaryPath()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try input.write(to: URL(fileURLWithPath: folder + "/in"))
        let process = try SpawnedProcess(
            ["/usr/bin/timeout", "60"] + program, environment: environment, inputFile: folder + "/in",
            errorFile: folder + "/err")
        let output = process.readToEnd()
        close(process.output)
        let status = process.wait()
        let errors = try Data(contentsOf: URL(fileURLWithPath: folder + "/err"))
        return Outcome(
            status: status, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }

    /// A path that nothing else uses.
    static func temporaryPath() -> String {
        "/tmp/meshp2p-test-\(String(UInt64.random(in: 0...(.max)), radix: 16))"
    }
}
