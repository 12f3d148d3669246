"""Games on recorded series: which series are asked for, and how blocks of them are played."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from fg_core import DataError, Dataset, ForecastGame, ForecastGameError
from fg_core.batch import BatchOutputs
from fg_core.executors import executor_for, ordered
from fg_core.game import GameGroup
from fg_core.game.batch_record import Keep

from .series_block import SeriesBlock

__all__ = [
    "Progress",
    "play_block",
    "play_blocks",
    "require_known_ahead",
    "series_asked_for",
]

_Player = TypeVar("_Player")
_Result = TypeVar("_Result")

Progress: TypeAlias = Callable[[int, int, str], None]
"""Called with the number of series played, of how many, and the names of the next ("": none)."""


def play_blocks(
    play: Callable[[tuple[_Player, SeriesBlock]], Mapping[str, _Result]],
    player: _Player,
    blocks: Sequence[SeriesBlock],
    progress: Progress | None,
    jobs: int,
) -> dict[str, _Result]:
    """Play blocks of series, in this process or in several, and return what is found by name.

    Args:
        play: plays a block, given the player and the block; importable by name.
        player: player of the blocks; with several jobs, it can be sent to other processes.
        blocks: the series.
        progress: called before each block (with several jobs, after each), and at the end.
        jobs: number of processes.

    Returns:
        Results by series, in the order of the blocks.

    Raises:
        Exception: That of the first block that raised one.
    """
    total, done = sum(len(block.names) for block in blocks), 0

    def told() -> Iterator[tuple[int, Any]]:
        nonlocal done
        for i, result in executor_for(jobs).stream(play, [(player, block) for block in blocks]):
            done += len(blocks[i].names)
            if progress is not None:
                following = blocks[i + 1].label if jobs == 1 and done < total else ""
                progress(done, total, following)
            yield i, result

    if progress is not None:
        progress(0, total, blocks[0].label)
    return {name: one for part in ordered(told(), len(blocks)) for name, one in part.items()}


def play_block(game: ForecastGame, block: SeriesBlock, *, continued: bool = False) -> BatchOutputs:
    """Play the games of a block of series as one batch, undisturbed.

    Args:
        game: agents and settings.
        block: the series.
        continued: whether the games can be resumed from what is returned.

    Returns:
        Arrays of the batch, with one game per series in the order of `block.names`.

    Raises:
        ForecastGameError: The game failed; where one series by itself fails too, a note names it.
    """
    groups = block.groups()
    try:
        return _played_together(game, groups, continued)
    except ForecastGameError:
        if game.registry.panel_agents:
            raise  # a series by itself would be another panel
        # Which series it was shows when each is played by itself.
        for name, group in zip(block.names, groups, strict=True):
            try:
                _played_together(game, (group,), continued)
            except ForecastGameError as error:
                error.add_note(f"in the game on series {name!r}")
                raise error from None
        raise


def _played_together(
    game: ForecastGame, groups: Sequence[GameGroup], continued: bool
) -> BatchOutputs:
    keep: tuple[Keep, ...] = ("components", "claims")
    if continued:
        keep = (*keep, "continuation")
    return game.run_groups(groups, disturbed=False, keep=keep)


def series_asked_for(dataset: Dataset, series: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the series that are asked for, each once.

    Args:
        dataset: Dataset that has them.
        series: Names of the series, or one name; None: all.

    Returns:
        Names in the order in which they were asked for.

    Raises:
        DataError: An unknown series or none, or a column that is known in advance and in no row.
    """
    asked = (series,) if isinstance(series, str) else series
    wanted = tuple(dict.fromkeys(dataset.series_ids if asked is None else asked))
    if not wanted:
        raise DataError("no series was asked for; leave `series` out to play all")
    for name in wanted:
        dataset.series(name)  # refuses a name that is not there
    require_known_ahead(dataset)
    return wanted


def require_known_ahead(dataset: Dataset) -> None:
    """Refuse names of columns that no series has.

    Args:
        dataset: dataset whose columns are checked.

    Raises:
        DataError: A column is named as known in advance and in no row.
    """
    if not dataset.known_ahead:
        return
    columns = {name for row in dataset for name in row.macro_context}
    missing = sorted(dataset.known_ahead - columns)
    if missing:
        raise DataError(
            f"{', '.join(missing)}: named as known in advance, but no row of the source "
            f"{dataset.provenance.source!r} has such a column; columns are "
            f"{', '.join(sorted(columns)) or 'none'}"
        )
