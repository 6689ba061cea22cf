"""The API of messages and campaigns."""
