"""What people do with surveys in a rehearsal, one file each."""
