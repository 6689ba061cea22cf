"""What segments and journeys can ask about surveys and reviews, one file each."""
