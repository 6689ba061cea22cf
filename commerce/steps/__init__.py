"""Journey steps of the shop, one file each."""
