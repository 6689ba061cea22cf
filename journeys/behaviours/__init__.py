"""What people do by themselves in a rehearsal, of the floors below; one file each."""
