"""Ways into journeys by sign-up forms, one file each."""
