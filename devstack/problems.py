"""The one exception that reaches the terminal."""


class Problem(Exception):
    """Carries one or two sentences that say what went wrong and what to do about it."""
