// MeshMultiformats
