"""What commerce does with events, one file for each subject."""
