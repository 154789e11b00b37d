// MeshDirectory
