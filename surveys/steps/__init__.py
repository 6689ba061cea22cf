"""What journeys can do with surveys and reviews, one file each."""
