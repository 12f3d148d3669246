"""The fixed agents of the default game: adversary, defender and refactorer."""

from __future__ import annotations

from .adversary import AdversaryAgent
from .defender import DefenderAgent
from .refactoring import RefactoringAgent

__all__ = ["AdversaryAgent", "DefenderAgent", "RefactoringAgent"]
