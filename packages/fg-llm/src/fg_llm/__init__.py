"""Language-model refinement for Forecast Game.

This version registers no plugins and has no command yet.
"""

__all__ = ["__version__"]

__version__: str


def __getattr__(name: str) -> str:
    """Read the version from the installed package when somebody asks for it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("fg-llm")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
