"""Settings of a training as a file beside its checkpoint, so that they need not be said again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fg_core.documents import DocumentKind, read_document, write_document
from fg_core.errors import ConfigError

from .features import FeatureGrid, cells_of_role
from .recorded_games import ROLES

__all__ = ["TrainingSettings", "read_settings", "write_settings"]

SETTINGS_KIND = DocumentKind("forecast-game-training-settings", 1)
ALGORITHMS = ("q", "wolf", "minimax")


class TrainingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of `fg-train run`.

    Args:
        source: name of the source, or path of a file; None: FRED where its key is set.
        series: names of the series; empty: all.
        train_until: year from which on periods are left out; None: none are.
        algorithm: "q", "wolf" or "minimax".
        role: one of `ROLES`.
        budget: units that hits may cost per round, in one-step scales.
        seed: seed of all random numbers.
        evaluate_every: episodes from one evaluation to the next; 0: there is none.
        patience: evaluations in a row without a better one after which to stop; 0: do not.
        defender: team that an adversary learns against: "none", the name of a defense, or the path
            of a policy file.
        features: names of what the learner sees; empty: the usual ones of its role.
    """

    source: str | None
    series: tuple[str, ...]
    train_until: int | None
    algorithm: str
    role: str
    budget: float
    seed: int
    evaluate_every: int
    patience: int
    defender: str = "none"
    features: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ConfigError(f"role must be one of {', '.join(ROLES)}, got {self.role!r}")
        if self.algorithm not in ALGORITHMS:
            raise ConfigError(
                f"algorithm must be one of {', '.join(ALGORITHMS)}, got {self.algorithm!r}"
            )
        if self.algorithm == "minimax" and self.role in ("adversary", "both"):
            raise ConfigError(
                "--algorithm minimax trains a defender or a forecaster against exact responses; "
                f"--role {self.role} goes with q and wolf"
            )
        if self.defender != "none" and self.role != "adversary":
            raise ConfigError(
                f"--defender is whom an adversary learns against: --role {self.role} learns itself"
            )
        if self.features:
            self.cells()

    def cells(self) -> FeatureGrid:
        """Return the cells of the learner, with "both" those of the defender."""
        return cells_of_role("defender" if self.role == "both" else self.role, self.features)


def write_settings(folder: Path, settings: TrainingSettings) -> None:
    """Write settings to `settings.json` of a folder."""
    write_document(folder / "settings.json", settings, SETTINGS_KIND)


def read_settings(folder: Path) -> TrainingSettings:
    """Read the settings of a folder.

    Raises:
        ConfigError: There are none.
        ArtifactError: The file is damaged, or of another format or version.
    """
    path = folder / "settings.json"
    if not path.is_file():
        raise ConfigError(f"{path} is not there: nothing was trained in {folder}")
    return read_document(path, TrainingSettings, SETTINGS_KIND)
