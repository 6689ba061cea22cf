"""What starts journeys here, one file each."""
