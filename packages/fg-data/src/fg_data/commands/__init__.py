"""Implementation of the command `fg-data`, one module per command, and how it shows things."""
