"""Ways out for mail, one file each; see `campaigns.outbound`."""
