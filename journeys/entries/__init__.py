"""The ways into a journey, one file each; every file registers itself."""
