"""What can be done to a draft, one file each; undoing and doing again are `journeys.drafts`."""
