import MeshConnection
import MeshMultiformats
import NIOCore

