"""Reasons not to send, one file each; see `campaigns.policy`."""
