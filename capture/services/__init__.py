"""What capture does: sign-ups, confirmations, preferences, and keeping the forms."""
