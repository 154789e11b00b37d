import MeshConnection
import MeshMultiformats
import NIOCore

/// Resolves `/dnsaddr` addresses with the system's resolver.
final class DNSAddrQuery {
    private var machine: DNSAddrResolution
    private let limits = DNSAddrLimits()
    private let resolver: DNSResolver
    private let loop: any EventLoop
    private let completion: ([Multiaddr]) -> Void

    init(resolver: DNSResolver, loop: any EventLoop, completion: @escaping ([Multiaddr]) -> Void) {
        machine = DNSAddrResolution(limits: limits)
        self.resolver = resolver
        self.loop = loop
        self.completion = completion
    }

    func start(_ addresses: [Multiaddr]) {
        var effects: [DNSAddrEffect] = []
        machine.start(addresses, into: &effects)
        perform(effects)
    }

    private func perform(_ effects: [DNSAddrEffect]) {
        for effect in effects {
            switch effect {
            case .lookUp(let number, let name):
                let answer = resolver.texts(name, limit: limits.maximumTexts, on: loop)
                answer.assumeIsolated().whenComplete { self.answered(number, $0) }
            case .finished(let result):
                completion(result.addresses)
            }
        }
    }

    private func answered(_ number: Int, _ result: Result<[String], any Error>) {
        var effects: [DNSAddrEffect] = []
        switch result {
        case .success(let texts): machine.answer(number, texts: texts, into: &effects)
        case .failure(let error): machine.fail(number, reason: "\(error)", into: &effects)
        }
        perform(effects)
    }
}
