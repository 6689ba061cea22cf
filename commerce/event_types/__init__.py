"""What the log says of the shop, one file each kind."""
