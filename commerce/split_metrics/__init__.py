"""What the shop can tell of people after an A/B test, one file each."""
