// swift-tools-version: 6.1
import PackageDescription

/// Settings of every target of ours: the Swift 6 language mode with warnings as errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .unsafeFlags(["-warnings-as-errors"]),
]

let package = Package(
    name: "meshp2p",
    products: [
        .executable(name: "meshp2p", targets: ["meshp2p"]),
        .library(name: "MeshNode", targets: ["MeshNode"]),
        .library(name: "MeshDHT", targets: ["MeshDHT"]),
        .library(name: "MeshSimulator", targets: ["MeshSimulator"]),
        .library(name: "MeshCRDT", targets: ["MeshCRDT"]),
        .library(name: "MeshConnection", targets: ["MeshConnection"]),
        .library(name: "MeshMultiformats", targets: ["MeshMultiformats"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Percentiles of the benchmarks.
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        // Without its traits it needs neither all of Foundation nor a configuration library.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    ],
    // Each target names every module that it imports: what is not named is not rebuilt when its layout changes.
    targets: [
        // C crypto, reached through MeshCrypto only.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // The commit of the build, for `--version`.
        .target(name: "CBuildInfo", swiftSettings: strict),

        // The system's UDP sockets in batches, reached through MeshTransport only.
        .target(name: "CDatagram", swiftSettings: strict),

        // The system's DNS resolver, reached through MeshTransport only.
        .systemLibrary(name: "CResolv"),

        // Unpacks the editing traces of the benchmarks.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Below the I/O line: no sockets, no clock, no global randomness.
        .target(name: "MeshCore", swiftSettings: strict),
        .target(
            name: "MeshCrypto", dependencies: ["MeshCore", "CSodium", "COpenSSL"], swiftSettings: strict),
        .target(name: "MeshCRDT", dependencies: ["MeshCore"], swiftSettings: strict),
        .target(name: "MeshMultiformats", dependencies: ["MeshCore", "MeshCrypto"], swiftSettings: strict),
        .target(
            name: "MeshConnection", dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats"],
            swiftSettings: strict),
        .target(
            name: "MeshDHT", dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats"],
            swiftSettings: strict),
        .target(
            name: "MeshDirectory", dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats"],
            swiftSettings: strict),
        .target(
            name: "MeshSimulator", dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats", "MeshDHT"],
            swiftSettings: strict),

        // Above it.
        .target(
            name: "MeshTransport",
            dependencies: [
                "MeshCore", "MeshCrypto", "MeshMultiformats",
                "MeshConnection", "CResolv", "CDatagram",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(
            name: "MeshNode",
            dependencies: [
                "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection",
                "MeshTransport", "MeshDHT", "MeshDirectory",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .target(
            name: "MeshAPI",
            dependencies: [
                "MeshNode",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "MeshBenchmarks",
            dependencies: [
                "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshTransport",
                "MeshNode", "MeshSimulator",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], path: "Benchmarks/MeshBenchmarks", swiftSettings: strict),
        // Apart from MeshBenchmarks, so that the tests of MeshCRDT replay traces without building a node.
        .target(
            name: "MeshCRDTBenchmarks", dependencies: ["MeshCore", "MeshCRDT", "CZlib"],
            path: "Benchmarks/MeshCRDTBenchmarks", swiftSettings: strict),
        .executableTarget(
            name: "meshp2p",
            dependencies: [
                "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshNode", "MeshCRDT",
                "MeshAPI", "MeshBenchmarks", "MeshCRDTBenchmarks", "CBuildInfo",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),

        // The fuzz targets, built by SwiftPM for the replay in the tests and by Tests/Fuzz/run.sh for libFuzzer.
        .target(
            name: "MeshFuzzTargets",
            dependencies: [
                "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshDirectory",
                "MeshCRDT",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: strict),
        .testTarget(
            name: "MeshFuzzTests", dependencies: ["MeshCore", "MeshFuzzTargets"], swiftSettings: strict),

        .testTarget(name: "MeshCoreTests", dependencies: ["MeshCore"], swiftSettings: strict),
        .testTarget(
            name: "MeshCryptoTests", dependencies: ["MeshCore", "MeshCrypto"], swiftSettings: strict),
        .testTarget(
            name: "MeshMultiformatsTests", dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats"],
            swiftSettings: strict),
        .testTarget(
            name: "MeshConnectionTests",
            dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection"],
            swiftSettings: strict),
        .testTarget(
            name: "MeshCRDTTests", dependencies: ["MeshCore", "MeshCRDT", "MeshCRDTBenchmarks"],
            swiftSettings: strict),
        .testTarget(
            name: "MeshDHTTests", dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats", "MeshDHT"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats", "MeshDHT", "MeshSimulator"],
            swiftSettings: strict),
        .testTarget(
            name: "MeshDirectoryTests",
            dependencies: ["MeshCore", "MeshCrypto", "MeshMultiformats", "MeshDirectory"],
            swiftSettings: strict),
        .testTarget(
            name: "MeshNodeTests",
            dependencies: [
                "MeshCore", "MeshCrypto", "MeshMultiformats", "MeshConnection", "MeshDHT", "MeshTransport",
                "MeshNode", "StorageCrashWriter", .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        // Writes into a node's storage until a test kills it.
        .executableTarget(
            name: "StorageCrashWriter", dependencies: ["MeshCore", "MeshNode"],
            path: "Tests/StorageCrashWriter",
            swiftSettings: strict),
        .testTarget(name: "MeshAPITests", dependencies: ["MeshNode", "MeshAPI"], swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["MeshAPI", "MeshNode", "meshp2p"], swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(
            name: "InteropTests", dependencies: ["MeshCore", "MeshCRDT"], exclude: ["peers"],
            swiftSettings: strict),
    ]
)
