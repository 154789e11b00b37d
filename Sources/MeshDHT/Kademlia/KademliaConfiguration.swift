import MeshCore

/// Every constant of the Kademlia machine, with its source.
public struct KademliaConfiguration: Hashable, Sendable {
    /// Which addresses are handed out and believed.
    public enum AddressScope: Hashable, Sendable {
        /// All of them: for loopback, private and own networks.
        case all
        /// Public and relayed ones: for a network whose members are strangers on the Internet.
        case publicOnly
    }

    /// k: peers of a bucket, of an answer and of a result; replicas of a record.
    ///
    /// Source: libp2p kad-dht.
    public var replication = 20
    /// α: requests in flight of one lookup.
    ///
    /// Source: go-libp2p-kad-dht, amino defaults.
    public var parallelism = 10
    /// β: how many of the closest peers must have answered.
    ///
    /// Source: go-libp2p-kad-dht, amino defaults.
    public var resiliency = 3
    /// Which addresses are handed out and believed.
    public var addressScope = AddressScope.all
    /// The most addresses of one peer that are kept and handed out.
    public var maximumAddressesPerPeer = 10

    /// After this time a request no longer holds up a lookup that has β answers.
    ///
    /// A dial and three round trips of 250 ms fit.
    public var stragglerTimeout = Duration.seconds(1)
    /// After this time a request no longer holds up a lookup that has any answer, or a store.
    public var abandonTimeout = Duration.seconds(3)
    /// When a query ends with what it has.
    ///
    /// Source: go-libp2p-kad-dht allows 30 s for a put, 60 s for a provide.
    public var queryTimeout = Duration.seconds(60)
    /// The most candidates that one path of a lookup remembers beside those that it has asked: twice k.
    public var maximumLookupCandidates = 40
    /// The most peers that one lookup asks.
    public var maximumLookupRequests = 160
    /// The most queries at once; more are refused.
    public var maximumQueries = 256

    /// The most peers that wait for a place in one bucket.
    public var maximumReplacementsPerBucket = 8
    /// Failures in a row that cost a peer its place in the table.
    ///
    /// After the first it is no longer handed out and is asked again at once.
    public var failuresBeforeRemoval = 3
    /// So many failed requests in a row, to whomever, are taken for an outage of our own: nobody is removed.
    public var outageFailures = 32
    /// A peer of a full bucket that is silent for longer is asked whether it still lives when another wants its
    /// place.
    public var evictionSilence = Duration.seconds(60)
    /// How often the table is refreshed.
    ///
    /// Source: go-libp2p-kad-dht, `RefreshInterval`.
    public var refreshInterval = Duration.seconds(600)
    /// A peer that is silent for longer is asked at the next refresh whether it still lives.
    public var livenessSilence = Duration.seconds(900)
    /// The most hashes that a refresh spends on finding keys for buckets; enough for the first eleven.
    public var maximumRefreshAttempts = 1 << 13
    /// The most lookups of a refresh at once.
    public var maximumRefreshLookups = 3
    /// The most liveness checks at once.
    public var maximumChecks = 32
    /// The most liveness checks that wait.
    public var maximumWaitingChecks = 512
    /// The most peers outside of the table whose addresses are remembered.
    public var maximumBookPeers = 1024
    /// How long addresses of peers that are no longer connected are remembered.
    ///
    /// Source: go-libp2p, `RecentlyConnectedAddrTTL`.
    public var bookLifetime = Duration.seconds(1800)

    /// The most value records.
    public var maximumRecords = 16_384
    /// The most bytes of value records.
    public var maximumRecordByteCount = 64 << 20
    /// The longest value.
    ///
    /// Source: IPNS allows 10 KiB, and the answer must fit in 16 KiB with closer peers.
    public var maximumValueByteCount = 10 * 1024
    /// How long a record is kept after it was received.
    ///
    /// Source: go-libp2p-kad-dht, `MaxRecordAge`.
    public var recordLifetime = Duration.seconds(48 * 3600)
    /// How old a record's last validation may be when it is served.
    public var revalidationInterval = Duration.seconds(600)
    /// The most provider records.
    public var maximumProviders = 65_536
    /// The most providers of one key.
    public var maximumProvidersPerKey = 128
    /// The most providers in one answer.
    public var maximumProvidersPerAnswer = 32
    /// The longest key of a provider record.
    ///
    /// Source: go-libp2p-kad-dht, `handleGetProviders`.
    public var maximumProviderKeyByteCount = 80
    /// The longest key of a value record.
    public var maximumRecordKeyByteCount = 256
    /// How long a provider is kept.
    ///
    /// Source: go-libp2p-kad-dht, `ProvideValidity`.
    public var providerLifetime = Duration.seconds(48 * 3600)
    /// How long a provider's addresses are handed out.
    ///
    /// Source: go-libp2p-kad-dht, `ProviderAddrTTL`.
    public var providerAddressLifetime = Duration.seconds(24 * 3600)
    /// How often own records and providers are published again.
    ///
    /// Source: ipfs/specs kad-dht, 22 h.
    public var republishInterval = Duration.seconds(22 * 3600)
    /// How long after the table has doubled since a publication what is ours is published again.
    ///
    /// In a network that grows, the closest peers of yesterday are not those of today.
    public var growthRepublishDelay = Duration.seconds(10)
    /// The most records, and the most providers, that are published again because the table has grown.
    public var maximumGrowthPublications = 1024
    /// How soon a publication that reached nobody is tried again.
    public var republishRetry = Duration.seconds(30)
    /// How soon a node that knows nobody asks for bootstrap peers again.
    public var emptyTableRetry = Duration.seconds(30)
    /// The most records that are published again at once.
    public var maximumRepublications = 4
    /// How often records that are too old are looked for.
    public var expiryInterval = Duration.seconds(600)
    /// Whether every answered or failed request of a query is reported.
    public var reportsSteps = true
    /// Whether the addresses of a peer are told before each request to it; a simulator knows them.
    public var announcesAddresses = true

    // MARK: Hostile peers

    /// Paths of a lookup that share no peer: what one path is told, the others do not follow.
    ///
    /// 1 is the plain lookup. Lookups of the application have so many; those of a refresh have one. Source: S/Kademlia (Baumgart and Mies,
    /// 2007), section 4.4.
    public var disjointPaths = 4
    /// How many peers of one address group the table holds.
    ///
    /// Source: go-libp2p-kad-dht, amino defaults.
    public var diversity = DiversityLimit.limited(perTable: 3, perBucket: 2)
    /// The most peers of one address group among the k that a lookup finds; 0 sets no limit.
    public var lookupDiversity = 3
    /// Whether private addresses count as groups too; those of the loopback count only then as well.
    public var countsPrivateAddresses = false
    /// Whether a lookup whose k closest lie far denser than the network is goes on through the whole region.
    public var regionCheck = true
    /// The most peers of a region that is too dense: they all are asked, and all get the record.
    public var maximumRegionPeers = 100
    /// Requests a second of one peer that are answered in the long run; 0 sets no limit.
    ///
    /// A tool that reads hundreds of records at a node one after the other gets its answers: at 25 us each, 200 a second
    /// take 0.5 % of a core.
    public var requestsPerSecondPerPeer = 200
    /// Requests of one peer that are answered at once.
    public var requestBurstPerPeer = 1000
    /// The most peers whose budgets are remembered; the one that has not asked for longest is forgotten.
    public var maximumBudgets = 4096
    /// The most value records that one peer may have stored here, in hundredths of the store; 0 sets no limit.
    public var storeSharePerPeer = 25
    /// The most records that peers of one address group may have stored here, in hundredths of the store.
    public var storeSharePerGroup = 50

    // MARK: Publication

    /// Whether publications store while their lookup runs, and end when most of the k have the record.
    ///
    /// It takes an estimate of the network's size; without one they store after the lookup.
    public var optimisticProvide = true
    /// The part of the k stores, in hundredths, after which an optimistic publication ends for the application.
    ///
    /// Source: go-libp2p-kad-dht, `optProvReturnRatio`.
    public var optimisticReturnPercent = 75
    /// Whether a value that was found is given to the closest peer on the way that lacked it.
    public var cachesAlongPath = true
    /// The most values that this node remembers because it has looked them up; 0 remembers none.
    public var maximumCachedValues = 64
    /// How long a looked-up value is remembered.
    public var cachedValueLifetime = Duration.seconds(60)
    /// The most value records, and the most provider records, of the node itself.
    public var maximumPublications = 1 << 20
    /// How long a holder lets a value record of others be that nobody has stored at it, before it stores it at the k
    /// closest itself; zero hands nothing on.
    ///
    /// Source: Kademlia (Maymounkov and Mazières, 2002), section 2.5.
    public var handOnInterval = Duration.seconds(3600)
    /// Whether what is ours is published again region by region, with one walk each, instead of key by key.
    public var sweepRegions = true

    /// Creates the defaults of a network of our own.
    public init() {}
}

extension KademliaConfiguration {
    /// The constants of a lookup that ends when β, or with `verifiesAll` k, of the closest peers have answered.
    func lookupParameters(verifiesAll: Bool, paths: Int = 1) -> LookupParameters {
        var parameters = LookupParameters(
            resultCount: replication, parallelism: parallelism,
            requiredAnswers: verifiesAll ? replication : resiliency, sufficientAnswers: resiliency,
            stragglerTimeout: stragglerTimeout, abandonTimeout: abandonTimeout,
            maximumCandidates: maximumLookupCandidates, maximumRequests: maximumLookupRequests,
            disjointPaths: paths)
        parameters.maximumPerGroup = max(lookupDiversity, 0)
        parameters.countsPrivateAddresses = countsPrivateAddresses
        return parameters
    }
}
