"""Why somebody came into a journey or did not, and why they got a message or did not.

Nothing here decides anything: it reads what the engine wrote, and asks entries, conditions and
guards the questions that the engine asks them.
"""
