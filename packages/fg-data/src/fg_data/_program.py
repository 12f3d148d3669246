"""The program `fg-data`: its name, and what it has left when it is interrupted."""

from __future__ import annotations

from fg_core.console import Program

__all__ = ["PROGRAM"]

PROGRAM = Program("fg-data", interrupted="what was in the cache before is as it was")
