/// Who may depend on whom: the targets, and what each may import.
///
/// This table is the law that `Specs/architecture.md` explains. Change both in one commit.
enum Layering {
    /// The modules that a target may import, standard library and tests aside.
    static let imports: [String: Set<String>] = [
        // Below the I/O line: no Foundation, no NIO, no C library but the crypto ones.
        "MeshCore": [],
        "CBuildInfo": [],
        "CDatagram": [],
        "MeshCrypto": ["MeshCore", "CSodium", "COpenSSL"],
        "MeshMultiformats": ["MeshCore", "MeshCrypto"],
        "MeshConnection": ["MeshCore", "MeshCrypto", "MeshMultiformats"],
        "MeshDHT": ["MeshCore", "MeshCrypto", "MeshMultiformats"],
        "MeshDirectory": ["MeshCore", "MeshCrypto", "MeshMultiformats"],
        "MeshCRDT": ["MeshCore"],
        "MeshReachability": ["MeshCore", "MeshCrypto", "MeshMultiformats"],
        "MeshFederation": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshDHT", "MeshConnection", "MeshCRDT",
            "MeshReachability",
            "MeshDirectory",
        ],
        "MeshSimulator": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshDHT", "MeshConnection", "MeshCRDT",
            "MeshReachability",
            "MeshDirectory", "MeshFederation",
        ],
        // Above it.
        "MeshTransport": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection",
            "NIOCore", "NIOPosix", "NIOConcurrencyHelpers", "Logging", "Synchronization", "CResolv",
            "CDatagram",
            "Glibc", "Musl",
        ],
        "MeshNode": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshDirectory",
            "MeshTransport",
            // The event loops are made here and handed down; storage has a queue of its own.
            "NIOCore", "NIOPosix", "Dispatch", "GRDB", "GRDBSQLite", "ServiceLifecycle", "Logging",
            "Synchronization",
            "Foundation", "FoundationEssentials", "Glibc", "Musl",
        ],
        "MeshAPI": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshDirectory",
            "MeshNode",
            "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTP1",
            "ServiceLifecycle", "Logging",
            "Synchronization", "Foundation", "FoundationEssentials", "Glibc", "Musl",
        ],
        "MeshBenchmarks": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshDirectory",
            "MeshTransport", "MeshNode", "MeshSimulator", "Histogram", "NIOCore", "NIOPosix", "Logging",
            "Synchronization", "Foundation", "FoundationEssentials", "Glibc", "Musl",
        ],
        "MeshCRDTBenchmarks": ["MeshCore", "MeshCRDT", "CZlib", "Glibc", "Musl"],
        "meshp2p": [
            "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshDirectory",
            "MeshNode", "MeshAPI", "MeshCRDT", "MeshBenchmarks", "MeshCRDTBenchmarks", "CBuildInfo",
            "ArgumentParser", "ServiceLifecycle",
            "Logging",
            "Synchronization", "Foundation", "FoundationEssentials", "Glibc", "Musl",
        ],
    ]

    /// The targets that do no I/O, read no clock and draw no randomness of their own.
    static let pure: Set<String> = [
        "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshDirectory",
        "MeshCRDT",
        "MeshReachability", "MeshFederation", "MeshSimulator",
    ]

    /// Module maps of C libraries: no Swift in them.
    static let systemModules: Set<String> = ["CSodium", "COpenSSL", "CResolv", "CZlib"]
}
