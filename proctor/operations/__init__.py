"""What an operator does beside the server: examine an installation, back it up, restore it."""
