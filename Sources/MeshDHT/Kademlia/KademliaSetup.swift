import MeshCore

/// What the machines of one program share: constants, clock and validators.
///
/// An object, so that a million simulated nodes hold one reference each instead of a kilobyte.
public final class KademliaSetup: Sendable {
    /// The constants.
    public let configuration: KademliaConfiguration
    /// The civil time of `Instant.zero`.
    public let epoch: UnixTime
    /// What may be stored under which keys.
    public let validators: RecordValidators

    /// Creates the setup of any number of machines.
    public init(configuration: KademliaConfiguration, epoch: UnixTime, validators: RecordValidators) {
        self.configuration = configuration
        self.epoch = epoch
        self.validators = validators
    }
}
