import MeshNode

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@main
struct Entry {
    static func main() async {
        // A reader who leaves shows as an error of the write, which ends the command quietly.
        signal(SIGPIPE, SIG_IGN)
        FileDescriptors.raiseLimit()
        exit(await Invocation(arguments: Array(CommandLine.arguments.dropFirst())).run())
    }
}
