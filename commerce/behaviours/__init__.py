"""What people do in the shop in a rehearsal, one file each."""
