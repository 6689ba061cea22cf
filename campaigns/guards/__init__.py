"""Reasons not to send, one file each; see `contacts.send_guards`."""
