"""Django's `makemessages`, which leaves a new string empty rather than guess at it."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Collects the strings to be translated; nothing is ever marked fuzzy."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
