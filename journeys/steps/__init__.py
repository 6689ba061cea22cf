"""The kinds of steps journeys have by themselves, one file each; every file registers itself."""
