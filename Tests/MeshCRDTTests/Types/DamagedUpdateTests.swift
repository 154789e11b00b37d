import Foundation
import MeshCore
import Testing

@testable import MeshCRDT

/// Updates with wrong bytes in them, applied and then read in every way: refused or taken in, but never a trap.
struct DamagedUpdateTests {
    @Test(arguments: TypeSessionTests.files) func `whatever an update brings can be read and told`(
        _ file: String
    ) throws {
        let count = ProcessInfo.processInfo.environment["DAMAGED_UPDATES"].flatMap { Int($0) } ?? 40
        let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
        let last = Array(try #require(text.split(separator: "\n").last).utf8)
        let entry = try JSONText.parse(last, last.indices, depthLimit: 64)
        var rng = SeededGenerator(
            seed: UInt64(URL(filePath: file).lastPathComponent.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) }))
        for (format, key) in [(UpdateFormat.v1, "v1"), (.v2, "v2")] {
            let update = Array(try #require(Data(base64Encoded: entry.field(key)?.textValue ?? "")))
            for round in 0..<count {
                var damaged = update
                for _ in 0...Int.random(in: 0..<4, using: &rng) {
                    let place = Int.random(in: damaged.indices, using: &rng)
                    damaged[place] = UInt8.random(in: 0...255, using: &rng)
                }
                try read(damaged, format, "\(file), \(key), round \(round)")
            }
        }
    }

    private func read(_ update: [UInt8], _ format: UpdateFormat, _ place: String) throws {
        let replica = TypeReplica(clientID: 77, collectsGarbage: true, observesRootsOnly: false) { 0 }
        do {
            try replica.document.apply(update, format: format)
        } catch {
            #expect(replica.document.stateVector == StateVector(), "\(place)")
            return
        }
        _ = replica.takeEvents()
        _ = replica.json
        _ = replica.reads
        for (value, _) in replica.all {
            if case .array(let array)? = value.type { for index in 0..<array.count { _ = array.get(index) } }
            _ = value.type?.clone()
        }
        for name in replica.document.rootNames {
            _ = replica.document.text(name).toDelta()
            _ = replica.document.array(name).values
            _ = replica.document.map(name).entries
            _ = replica.document.xmlElement(name).string
            _ = replica.document.xmlText(name).string
            let array = replica.document.array(name)
            if array.count > 0 { try array.delete(at: array.count / 2) }
            try array.append([1])
            try replica.document.map(name).removeAll()
        }
        try replica.document.checkInvariants()
        replica.subscriptions.forEach { $0.cancel() }
    }
}
