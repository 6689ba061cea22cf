"""Email blocks, one file each; importing a file registers its block."""
