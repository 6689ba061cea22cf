"""Starter mails, one file each; importing a file registers its mail."""
