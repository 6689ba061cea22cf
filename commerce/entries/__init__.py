"""Ways into a journey that a shop's data opens; every file registers itself."""
