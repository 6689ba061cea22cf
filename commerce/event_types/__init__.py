"""What the log says of the shop, one file for each subject."""
