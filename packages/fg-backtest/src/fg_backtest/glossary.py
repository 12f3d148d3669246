"""Words that tables and notes use in a sense of their own, explained where they occur."""

from __future__ import annotations

import re

__all__ = ["glossary_notes"]

# Word as a regular expression, and what it means; in the order in which they are told.
_WORDS = (
    (r"\borigins?\b", "an origin is a period from which a forecast is made, knowing nothing later"),
    (
        r"\bplayed from\b",
        "a series is played from where it is first forecast, so that weights can learn before "
        "scores count",
    ),
    (
        r"\bensemble\b",
        "the ensemble, the game's forecast, mixes all forecasters by weights that their past "
        "scores earned",
    ),
    (
        r"\bpools?\b",
        "the pool is the mixture of all forecasters by weights that their past scores earned",
    ),
    (
        r"\bCRPS\b",
        "CRPS is the mean error of a whole distribution; that of a single number is the absolute "
        "error",
    ),
    (r"\brandom.walk\b", "the random walk forecasts the last value again"),
    (r"\bprints?\b", "a print is a value as it was reported, right or wrong"),
    (
        r"\bdoubt(ed|s|ful)?\b",
        "a value is doubted if it lies so far from its own forecast that it may be an error or "
        "tampered with",
    ),
)


def glossary_notes(text: str) -> tuple[str, ...]:
    """Return one note that explains the words of a text that have a sense of their own.

    Args:
        text: tables and notes as they are shown.

    Returns:
        One sentence per word that occurs, in one note; empty where none does.

    >>> glossary_notes("12 origins")
    ('Words: an origin is a period from which a forecast is made, knowing nothing later.',)
    """
    found = [meaning for word, meaning in _WORDS if re.search(word, text)]
    return (f"Words: {'; '.join(found)}.",) if found else ()
