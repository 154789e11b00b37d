import MeshCRDT

/// State vectors and delete sets.
enum ClockTableFuzz {
    static func runStateVector(_ input: [UInt8]) throws {
        guard let vector = try? StateVector(decoding: input, limits: FuzzDocument.limits) else { return }
        let encoded = vector.encoded()
        try promise(
            (try? StateVector(decoding: encoded, limits: FuzzDocument.limits)) == vector,
            "a state vector decodes to itself")
        let document = try FuzzDocument.make()
        for format in UpdateFormat.allCases {
            let missing = document.encodeStateAsUpdate(format, since: vector)
            try FuzzDocument.make().apply(missing, format: format)
            let cut = try Updates.diff(document.encodeStateAsUpdate(format), since: vector, format: format)
            try FuzzDocument.make().apply(cut, format: format)
        }
    }

    /// The first byte chooses the format.
    static func runDeleteSet(_ input: [UInt8]) throws {
        var parts = FuzzInput(input)
        let format: UpdateFormat = parts.byte() & 1 == 0 ? .v1 : .v2
        let limits = FuzzDocument.limits
        guard let set = try? DeleteSet(decoding: parts.rest(), format: format, limits: limits) else { return }
        for format in UpdateFormat.allCases {
            let again = try? DeleteSet(decoding: set.encoded(format), format: format, limits: limits)
            try promise(again == set, "a delete set decodes to itself in \(format)")
        }
        var union = set
        union.formUnion(set)
        try promise(union == set, "a delete set with itself is itself")
        for entry in set.entries {
            var end: UInt64 = 0
            for range in entry.ranges {
                try promise(range.length > 0 && UInt64(range.clock) >= end, "ranges are sorted and apart")
                end = UInt64(range.clock) + UInt64(range.length)
                try promise(set.contains(ID(client: entry.client, clock: range.clock)), "a range is found")
            }
        }
    }
}
