"""Pages and doors of campaigns."""
