/// Consecutive units of one client's content; never empty in a valid delete set.
public struct ClockRange: Hashable, Sendable {
    /// The first unit.
    public var clock: Clock
    /// How many units, the first one included.
    public var length: UInt32

    /// Creates the range of `length` units from `clock` on; the caller sees to it that the end is below 2^32.
    @inlinable
    public init(clock: Clock, length: UInt32) {
        self.clock = clock
        self.length = length
    }

    /// The first unit after the range.
    @inlinable
    public var end: Clock { clock &+ length }

    /// Whether `clock` is one of its units.
    @inlinable
    public func contains(_ clock: Clock) -> Bool {
        clock >= self.clock && clock < end
    }
}

/// Consecutive units of a named client's content.
public struct IDRange: Hashable, Sendable {
    /// Who wrote the units.
    public var client: ClientID
    /// The first unit.
    public var clock: Clock
    /// How many units, the first one included.
    public var length: UInt32

    /// Creates the range of `client`'s `length` units from `clock` on.
    @inlinable
    public init(client: ClientID, clock: Clock, length: UInt32) {
        self.client = client
        self.clock = clock
        self.length = length
    }

    /// The first unit after the range.
    @inlinable
    public var end: Clock { clock &+ length }

    /// The range without its client.
    @inlinable
    public var clocks: ClockRange { ClockRange(clock: clock, length: length) }
}
