"""What journeys themselves can tell of people after an A/B test, one file each."""
