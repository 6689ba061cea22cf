"""Mail of the installation."""
