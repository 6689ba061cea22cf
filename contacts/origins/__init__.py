"""Where a contact file was exported from, one file each, recognised by its headers."""

from contacts.origins.registry import Origin, origins, recognise

__all__ = ["Origin", "origins", "recognise"]
