"""What the command `fg-data` does, a module a command, and how it shows things."""
