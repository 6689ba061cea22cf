"""What commerce does once a night, one file each."""
