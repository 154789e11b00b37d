import Glibc
import MeshMultiformats

extension Home {
    /// The secret key's file: the libp2p private key protobuf, which other libp2p programs read as well.
    private var identityFile: PrivateFile {
        // An Ed25519 key takes 68 bytes.
        file("identity.key", maximumByteCount: 1_024)
    }

    /// Reads the node's key; nil when the home has none yet.
    ///
    /// A key that others can read is refused: whoever has it is this node.
    public func identity() throws(MeshFailure) -> IdentityKey? {
        let file = identityFile
        let content = try file.read { status throws(MeshFailure) in try Self.check(status, file.path) }
        guard var secret = consume content else { return nil }
        defer { Self.wipe(&secret) }
        do {
            return try IdentityKey(privateKeyProtobuf: secret.span.bytes)
        } catch {
            throw MeshFailure(
                .storage, "the secret key \(file.path) is damaged: \(error)",
                next:
                    "restore it from a backup, or start as a new peer with: meshp2p init --home NEW"
            )
        }
    }

    private static func check(_ status: PrivateFile.Status, _ path: String) throws(MeshFailure) {
        guard status.owner == geteuid() else {
            throw MeshFailure(
                .refused,
                "the secret key \(path) belongs to user \(status.owner), this runs as \(geteuid())",
                next: "run as its owner")
        }
        guard status.mode & 0o077 == 0 else {
            throw MeshFailure(
                .keyExposed,
                "the secret key \(path) can be read or changed by others (mode \(octal(status.mode)))",
                next: "chmod 600 \(shellQuoted(path))")
        }
    }

    fileprivate func createIdentity(
        using rng: inout some RandomNumberGenerator
    ) throws(MeshFailure) -> IdentityKey {
        guard !file("meshp2p.sqlite", maximumByteCount: 0).exists else {
            throw MeshFailure(
                .storage, "the home \(path) was in use, but its secret key \(identityFile.path) is missing",
                next: "restore it from a backup, or start as a new peer with: meshp2p init --home NEW")
        }
        let key = IdentityKey(using: &rng)
        var secret = key.privateKeyProtobuf
        defer { Self.wipe(&secret) }
        guard try identityFile.create(with: secret) else {
            throw MeshFailure(
                .refused, "there is a secret key at \(identityFile.path) already; it is not replaced",
                next: "choose another folder with --home")
        }
        return key
    }

    /// Overwrites a secret before its memory is given back.
    private static func wipe(_ secret: inout [UInt8]) {
        secret.withUnsafeMutableBytes { pointer in
            if let start = pointer.baseAddress { explicit_bzero(start, pointer.count) }
        }
    }
}

extension HomeLock {
    /// Makes the node's key and writes it durably; refused when there is one.
    public func createIdentity(using rng: inout some RandomNumberGenerator) throws(MeshFailure) -> IdentityKey
    {
        try home.createIdentity(using: &rng)
    }

    /// The node's key; a new one in a home that never had one.
    public func identity(using rng: inout some RandomNumberGenerator) throws(MeshFailure) -> IdentityKey {
        if let key = try home.identity() { return key }
        return try createIdentity(using: &rng)
    }
}
