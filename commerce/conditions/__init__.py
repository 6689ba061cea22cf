"""Conditions over what people bought, one file each."""
