"""What the shop wants somebody to look at, one file each."""
