import Glibc
import MeshFuzzTargets

/// The target that `MESHP2P_FUZZ_TARGET` names.
private let chosen: FuzzTarget? = {
    guard let name = getenv("MESHP2P_FUZZ_TARGET").map({ String(cString: $0) }) else { return nil }
    return FuzzTarget.all.first { $0.name == name }
}()

/// Writes a line to standard error.
private func say(_ text: String) {
    var line = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, &line, line.count)
}

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let chosen else {
        let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
        say("MESHP2P_FUZZ_TARGET must be one of: \(names)")
        exit(2)
    }
    do {
        try chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        say("broken promise: \(error)")
        abort()
    }
    return 0
}
