"""What people do with mails in a rehearsal, one file each."""
