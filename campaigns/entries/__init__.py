"""Ways into journeys that mail opens; every file registers itself."""
