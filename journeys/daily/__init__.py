"""What journeys do once a night, one file each."""
