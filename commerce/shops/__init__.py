"""The kinds of shops that can be connected, one file each."""
