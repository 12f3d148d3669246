"""The bridge to `haskell-rlm`: the second implementation of the strategy language."""

from .launch import Launch, find_program
from .session import BridgeError, HaskellSession, ProgramCheck

__all__ = ["BridgeError", "HaskellSession", "Launch", "ProgramCheck", "find_program"]
