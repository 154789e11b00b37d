import CBuildInfo
import MeshNode

/// What `--version` prints.
enum Version {
    static var text: String {
        let commit = String(cString: meshp2p_build_commit())
        return
            "meshp2p \(ProductVersion.text) (\(commit.isEmpty ? "commit not recorded: built without make" : "commit \(commit)"))"
    }
}
