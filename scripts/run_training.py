"""Train a defender: the command `fg-train`, for those who run scripts."""

from fg_training.cli import main

main()
