import Foundation
import Testing

extension InteropTests {
    /// Lookups, values and providers of ours, kept and answered by a foreign kad server.
    ///
    /// Each thing is stored by a node that is gone before it is looked up: only the foreign peer can answer.
    @Suite struct ForeignDHTTests {
        @Test(arguments: ForeignImplementation.allCases)
        func `a foreign peer tells where our node is`(_ implementation: ForeignImplementation) async throws {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serve(implementation)
                let node = try await stage.node("known", bootstrap: [peer.multiaddr])
                try await eventually(within: .seconds(20), "\(implementation) has our node in its table") {
                    let result = try await stage.command(
                        ["find", "peer", node.ready.peer], bootstrap: [peer.multiaddr])
                    guard result.exitCode == 0 else { return false }
                    let found = try result.report(FindPeerReport.self).peer
                    #expect(found.id == node.ready.peer)
                    return found.addresses.contains {
                        node.address.hasPrefix($0) || $0.hasPrefix(node.address)
                    }
                }
            }
        }

        @Test(arguments: ForeignImplementation.allCases)
        func `a value is put to a foreign peer and got from it`(
            _ implementation: ForeignImplementation
        ) async throws {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serve(implementation)
                let node = try await stage.node("writer", bootstrap: [peer.multiaddr])
                // go-libp2p takes keys of its own namespaces only; py-libp2p wants hex after /pk/, but takes plain keys.
                let key = implementation == .pylibp2p ? "interop-plain-key" : "/pk/\(node.ready.peer)"
                let value =
                    implementation == .pylibp2p
                    ? Data("high tide".utf8) : try #require(publicKey(ofInlined: node.ready.peer))
                let file = stage.folder.appending(path: "value")
                try value.write(to: file)

                let put = try await stage.command(["put", key, file.path], through: node)
                #expect(try put.report(StoredReport.self).stored >= 1, "\(put)")
                await node.process.stop()
                let get = try await stage.command(["find", "value", key], bootstrap: [peer.multiaddr])
                #expect(try get.report(FindValueReport.self).value == value.base64EncodedString(), "\(get)")
            }
        }

        @Test(arguments: ForeignImplementation.allCases)
        func `a foreign peer names our node as provider`(_ implementation: ForeignImplementation) async throws
        {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serve(implementation)
                let node = try await stage.node("provider", bootstrap: [peer.multiaddr])
                let provide = try await stage.command(["provide", "interop skill"], through: node)
                #expect(try provide.report(StoredReport.self).stored >= 1, "\(provide)")
                await node.process.stop()
                // ADD_PROVIDER has no answer on the wire: when the foreign peer has stored it is its own affair.
                try await eventually(within: .seconds(10), "\(implementation) names the provider") {
                    let find = try await stage.command(
                        ["find", "providers", "interop skill"], bootstrap: [peer.multiaddr])
                    guard find.exitCode == 0 else { return false }
                    return try find.report(FindProvidersReport.self).providers.contains {
                        $0.id == node.ready.peer
                    }
                }
            }
        }

        @Test(arguments: ForeignImplementation.allCases)
        func `what nobody stored is not found`(_ implementation: ForeignImplementation) async throws {
            try await Stage.run { stage in
                let (peer, _) = try await stage.serve(implementation)
                let result = try await stage.command(
                    ["find", "value", "interop-no-such-key"], bootstrap: [peer.multiaddr])
                #expect(result.exitCode == 3, "\(result)")
            }
        }
    }
}

/// The public key message inside an Ed25519 peer id: base58btc of the identity multihash 00 24 and the message.
func publicKey(ofInlined peer: String) -> Data? {
    let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    var bytes: [UInt8] = []  // little endian
    for character in peer.utf8 {
        guard var carry = alphabet.firstIndex(of: character) else { return nil }
        for index in bytes.indices {
            carry += Int(bytes[index]) * 58
            bytes[index] = UInt8(carry & 0xFF)
            carry >>= 8
        }
        while carry > 0 {
            bytes.append(UInt8(carry & 0xFF))
            carry >>= 8
        }
    }
    bytes.append(contentsOf: peer.utf8.prefix { $0 == UInt8(ascii: "1") }.map { _ in 0 })
    let multihash = Array(bytes.reversed())
    guard multihash.count == 38, multihash[0] == 0, multihash[1] == 36 else { return nil }
    return Data(multihash.dropFirst(2))
}
