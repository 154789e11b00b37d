// MeshDHT
