import MeshCore

/// How many peers the network has, told from how close together the results of lookups lie.
///
/// With random ids the i-th closest of n peers is at i/(n+1) of the key space on average, so a line through the
/// origin and the k closest has the slope 1/(n+1). Regression is linear: one number a lookup is enough. Of those the
/// middle half counts, which leaves out keys that somebody has surrounded with identities. Idea: go-libp2p-kad-dht,
/// `netsize`.
struct NetworkSizeEstimator: Sendable {
    /// One lookup: 16 bytes.
    private struct Sample: Sendable {
        /// The first bits of the key, which is counted once.
        var place: UInt64
        var slope: Float
        var time: CoarseTime
    }

    /// The most samples: an error of 4 % with k = 20, where one has 24 %.
    static let maximumSamples = 32
    /// Fewer samples give no estimate.
    ///
    /// Source: go-libp2p-kad-dht netsize, `MinMeasurementsThreshold`.
    static let minimumSamples = 5
    /// Older samples do not count.
    ///
    /// Source: go-libp2p-kad-dht netsize, `MaxMeasurementAge`.
    static let maximumAge = Duration.seconds(2 * 3600)

    private var samples: [Sample] = []
    private var meanSlope: Double?
    private var newest = CoarseTime()

    /// The number of peers beside this one; nil while too little is known.
    func size(now: Instant) -> Double? {
        guard let meanSlope, meanSlope > 0, newest.instant + Self.maximumAge > now else { return nil }
        return max(1 / meanSlope - 1, 1)
    }

    /// The last estimate, however old.
    var latest: Double? { meanSlope.map { max(1 / $0 - 1, 1) } }

    /// Notes the distances of the peers closest to `target`, the closest first.
    mutating func note(distances: some Sequence<Bytes32>, target: Bytes32, now: Instant) {
        var products = 0.0
        var squares = 0.0
        var rank = 0.0
        for distance in distances {
            rank += 1
            products += rank * distance.fraction
            squares += rank * rank
        }
        guard squares > 0 else { return }
        let oldest = CoarseTime(now - Self.maximumAge)
        samples.removeAll { $0.place == target.word0 || $0.time < oldest }
        if samples.count == Self.maximumSamples { samples.removeFirst() }
        newest = CoarseTime(now)
        samples.append(Sample(place: target.word0, slope: Float(products / squares), time: newest))
        meanSlope = samples.count < Self.minimumSamples ? nil : middleMean
    }

    /// The mean of the middle half of the slopes.
    private var middleMean: Double {
        let slopes = samples.map(\.slope).sorted()
        let middle = slopes[slopes.count / 4..<slopes.count - slopes.count / 4]
        return middle.reduce(0.0) { $0 + Double($1) } / Double(middle.count)
    }
}

extension Bytes32 {
    /// The number as a part of the key space, from 0 to 1.
    var fraction: Double { Double(word0) / 0x1p64 }
}
