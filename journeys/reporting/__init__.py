"""The report of a journey: the period it is of, what it counts, and its panels."""
