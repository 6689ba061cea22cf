"""What surveys do: asking, answering, reviewing, moderating, and keeping the questions."""
