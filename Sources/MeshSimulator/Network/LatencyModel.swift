import MeshCore

/// Where nodes lie in the Internet of a simulation, and how long a packet takes between them.
///
/// A node has a place in a plane and a height, as in Vivaldi (Dabek, Cox, Kaashoek, Morris, SIGCOMM 2004): the round
/// trip of two nodes is the distance of their places, which stands for the long-haul links, and the sum of their heights,
/// which stands for their access links. So the latency of a pair is the same for the whole simulation, near nodes are near
/// to the same others, and some nodes are slow to all.
public struct LatencyModel: Hashable, Sendable {
    /// The side of the square in which places are spread evenly, as milliseconds of round trip.
    public var planeMilliseconds: Double
    /// The median height, as milliseconds of round trip.
    public var medianHeightMilliseconds: Double
    /// The deviation of a height's logarithm.
    public var heightDeviation: Double
    /// The mean of what each packet takes longer than the shortest, as a part of that; it makes packets overtake
    /// each other.
    public var jitter: Double
    /// No packet takes less.
    public var minimumMilliseconds: Double

    /// Creates a model of its constants.
    public init(
        planeMilliseconds: Double, medianHeightMilliseconds: Double, heightDeviation: Double,
        jitter: Double = 0.05,
        minimumMilliseconds: Double = 1
    ) {
        self.planeMilliseconds = planeMilliseconds
        self.medianHeightMilliseconds = medianHeightMilliseconds
        self.heightDeviation = heightDeviation
        self.jitter = jitter
        self.minimumMilliseconds = minimumMilliseconds
    }

    /// Servers spread over the Internet: a median round trip of 159 ms, that of the King data set of 1,740 DNS servers
    /// (Gummadi, Saroiu, Gribble 2002) as the Vivaldi paper gives it.
    ///
    /// One pair in ten is within 82 ms, one in ten beyond 243.
    public static let king = LatencyModel(
        planeMilliseconds: 221, medianHeightMilliseconds: 17, heightDeviation: 0.8)

    /// Well-connected hosts: a median round trip of 76 ms, that of the 192 hosts of PlanetLab in the Vivaldi paper.
    public static let planetLab = LatencyModel(
        planeMilliseconds: 120, medianHeightMilliseconds: 6, heightDeviation: 0.6)

    /// One local network: every packet takes 0.5 to 0.6 ms.
    public static let local = LatencyModel(
        planeMilliseconds: 0, medianHeightMilliseconds: 0.5, heightDeviation: 0, jitter: 0.05,
        minimumMilliseconds: 0.5)

    /// Draws the place of one node.
    func place(using rng: inout SeededGenerator) -> NodePlace {
        let x = rng.unit() * planeMilliseconds
        let y = rng.unit() * planeMilliseconds
        let height = medianHeightMilliseconds * ElementaryFunctions.exp(heightDeviation * rng.normal())
        return NodePlace(x: Float(x), y: Float(y), height: Float(height))
    }

    /// The shortest round trip of two nodes, in milliseconds.
    func roundTrip(_ left: NodePlace, _ right: NodePlace) -> Double {
        let (x, y) = (Double(left.x - right.x), Double(left.y - right.y))
        return (x * x + y * y).squareRoot() + Double(left.height) + Double(right.height)
    }

    /// What one packet takes from one node to the other, in ticks.
    func oneWay(_ left: NodePlace, _ right: NodePlace, using rng: inout SeededGenerator) -> UInt64 {
        let shortest = max(roundTrip(left, right) / 2, minimumMilliseconds)
        // Mean 1: the shape of what queues add matters less than that some packets take much longer than others.
        let unit = rng.unit()
        let extra = jitter * 3 * unit * unit
        return max(Ticks.of(milliseconds: shortest * (1 + extra)), 1)
    }
}

/// The place of a node in the plane of a latency model, in milliseconds of round trip.
struct NodePlace: Hashable, Sendable {
    var x: Float
    var y: Float
    var height: Float
}
