"""The program of the package: its name, and what it has left when interrupted."""

from __future__ import annotations

from fg_core.console import Program

__all__ = ["PROGRAM"]

PROGRAM = Program("fg-train", interrupted="nothing was written since the last checkpoint")
