"""Pages of surveys and reviews."""
