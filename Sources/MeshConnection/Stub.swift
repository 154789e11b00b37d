// MeshConnection
