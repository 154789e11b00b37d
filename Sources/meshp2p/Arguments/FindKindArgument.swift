import ArgumentParser
import MeshNode

extension FindKind: ExpressibleByArgument {}

extension NodeConfiguration.KadMode: ExpressibleByArgument {}
