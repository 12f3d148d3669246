"""Conformance of what stands around the game: source, executor, evaluator, scenario."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fg_core.config import SimulationConfig
from fg_core.errors import ForecastGameError
from fg_core.observation import Dataset, Observation
from fg_core.protocols import (
    DataSource,
    Evaluator,
    Executor,
    Query,
    ScenarioOutcome,
    ValidationScenario,
)

from ._play import Promises, fingerprint

__all__ = [
    "check_data_source",
    "check_evaluator",
    "check_executor",
    "check_validation_scenario",
]

_STATUSES = ("passed", "failed", "skipped")
_MOMENTS = 6

Key = tuple[str, datetime]


def check_data_source(source: DataSource, query: Query | None = None) -> None:
    """Check a data source: what it says was known at a moment really was, and only that.

    Rows of an earlier moment are in every later one, unchanged unless they were revised in
    between; no row was available later than the moment asked about; a query for one series or
    for some periods gives just those; an unknown series is an error of ours.

    Args:
        source: What is checked.
        query: What is asked; None: whatever the source delivers by default.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.examples import example_dataset
    >>> from fg_core.testing.fakes import FixedSource
    >>> check_data_source(FixedSource(example_dataset()))
    """
    promises = Promises("DataSource", source)
    promises.members("fetch")
    promises.named()
    query = Query() if query is None else query
    everything = promises.pure("fetch", source.fetch, query)
    _judge_dataset(promises, everything)
    known = sorted({row.available_at for row in everything})
    moments = [known[i * (len(known) - 1) // (_MOMENTS - 1)] for i in range(_MOMENTS)]
    earlier: dict[Key, Observation] = {}
    asked = moments[0]
    for moment in dict.fromkeys(moments):
        now = _judge_moment(promises, source, query, everything, moment)
        for key, row in earlier.items():
            _judge_kept(promises, key, row, now.get(key), asked)
        earlier, asked = now, moment
    last = _by_period(everything)
    for key, row in earlier.items():
        _judge_kept(promises, key, row, last.get(key), asked)
    before = known[0] - timedelta(microseconds=1)
    try:
        found = source.fetch(query, before)
    except ForecastGameError:
        pass
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(
            "a moment before anything was known is an error of ours",
            f"it raised {type(error).__name__}: {error}",
            error,
        )
    else:
        late = [row for row in found if row.available_at > before]
        promises.require(
            not late, "no row was available later than as_of", f"as of {before} it gave {late[:1]}"
        )
    _judge_queries(promises, source, query, everything)


def check_executor(executor: Executor) -> None:
    """Check an executor: all results, in the order of the tasks, and errors are not swallowed.

    Args:
        executor: What is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import SerialExecutor
    >>> check_executor(SerialExecutor())
    """
    promises = Promises("Executor", executor)
    promises.members("map")
    promises.named()
    for tasks in ([], [3], list(range(40, 0, -1)), [5, 5, 5]):
        found = promises.pure("map", executor.map, twice_plus_one, tasks)
        promises.require(
            isinstance(found, list) and found == [twice_plus_one(task) for task in tasks],
            "map returns a list of the results, in the order of the tasks",
            f"for {tasks} it returned {found!r}",
        )
    try:
        found = executor.map(refuse_seven, [6, 7, 8])
    except Exception:  # noqa: BLE001 - a stranger's code may raise anything
        return
    promises.broken("an error in a task is raised, not swallowed", f"map returned {found!r}")


def twice_plus_one(task: int) -> int:
    """Return 2 task + 1; importable by name, so that any executor can run it.

    >>> twice_plus_one(3)
    7
    """
    return 2 * task + 1


def refuse_seven(task: int) -> int:
    """Return the task, or raise for 7.

    >>> refuse_seven(6)
    6
    """
    if task == 7:
        raise ValueError("task 7 fails on purpose")
    return task


def check_evaluator(evaluator: Evaluator, *configs: SimulationConfig) -> None:
    """Check an evaluator: a pure and finite score.

    Args:
        evaluator: What is checked.
        configs: What it scores; none: two short games.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import DistanceEvaluator
    >>> check_evaluator(DistanceEvaluator("attack_cap", 0.5))
    """
    promises = Promises("Evaluator", evaluator)
    promises.members("evaluate")
    tried = configs or (SimulationConfig(horizon=6), SimulationConfig(horizon=6, attack_cap=0.5))
    scores = [promises.pure("evaluate", evaluator.evaluate, config) for config in tried]
    for score in scores:
        promises.number("evaluate", score)
    again = [evaluator.evaluate(config) for config in reversed(tried)]
    promises.require(
        fingerprint(again[::-1]) == fingerprint(scores),
        "evaluate is pure: what was evaluated before does not matter",
        f"{scores}, in the reverse order {again[::-1]}",
    )


def check_validation_scenario(scenario: ValidationScenario, *, seed: int = 7) -> None:
    """Check a validation scenario: known status, message, finite figures, one result a seed.

    Args:
        scenario: What is checked.
        seed: What it is run with.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.testing.fakes import PassingScenario
    >>> check_validation_scenario(PassingScenario())
    """
    promises = Promises("ValidationScenario", scenario)
    promises.members("run")
    promises.named()
    outcome = promises.pure("run", scenario.run, seed)
    promises.require(
        isinstance(outcome, ScenarioOutcome), "run returns a ScenarioOutcome", f"got {outcome!r}"
    )
    promises.require(
        outcome.status in _STATUSES,
        f"status is one of {', '.join(_STATUSES)}",
        f"got {outcome.status!r}",
    )
    promises.require(
        isinstance(outcome.message, str) and bool(outcome.message.strip()),
        "the message says what was checked",
        f"got {outcome.message!r}",
    )
    for name, figure in outcome.figures.items():
        promises.require(isinstance(name, str), "figures have names", f"got {name!r}")
        promises.number(f"figure {name!r}", figure)


# ------------------------------------------------------------------------------------------ data


def _by_period(rows: Dataset) -> dict[Key, Observation]:
    return {(row.series_id, row.timestamp): row for row in rows}


def _judge_dataset(promises: Promises, found: Any) -> None:
    promises.require(isinstance(found, Dataset), "fetch returns a Dataset", f"got {found!r}")
    promises.require(
        bool(found.provenance.source), "the provenance names its source", f"{found.provenance}"
    )
    promises.require(len(found) > 0, "there are rows, or fetch raises", "the dataset is empty")
    last: dict[str, datetime] = {}
    for row in found:
        before = last.get(row.series_id)
        promises.require(
            before is None or before < row.timestamp,
            "rows of a series come in the order of their periods, each once",
            f"series {row.series_id!r}: {row.timestamp} after {before}",
        )
        last[row.series_id] = row.timestamp


def _judge_moment(
    promises: Promises, source: DataSource, query: Query, everything: Dataset, moment: datetime
) -> dict[Key, Observation]:
    found = promises.pure("fetch", source.fetch, query, moment)
    _judge_dataset(promises, found)
    for row in found:
        promises.require(
            row.available_at <= moment,
            "no row was available later than as_of",
            f"as of {moment} it gave {row.series_id!r} for {row.timestamp.date()}, "
            f"available at {row.available_at}",
        )
    now = _by_period(found)
    for key, row in _by_period(everything).items():
        promises.require(
            row.available_at > moment or fingerprint(now.get(key)) == fingerprint(row),
            "what was known at as_of is there, as it was known",
            f"as of {moment}, {row.series_id!r} for {row.timestamp.date()} (available at "
            f"{row.available_at}) is {'other' if key in now else 'missing'}",
        )
    return now


def _judge_kept(
    promises: Promises, key: Key, row: Observation, later: Observation | None, asked: datetime
) -> None:
    where = f"{key[0]!r} for {key[1].date()}, known as of {asked},"
    if later is None:
        promises.broken("what was known stays known", f"{where} is gone at a later moment")
    promises.require(
        fingerprint(later) == fingerprint(row) or later.available_at > asked,
        "what was known stays as it was, unless a revision that came later replaced it",
        f"{where} has changed without a later available_at",
    )


def _judge_queries(
    promises: Promises, source: DataSource, query: Query, everything: Dataset
) -> None:
    name = everything.series_ids[-1]
    wanted = replace(query, series=(name,))
    one = promises.pure("fetch", source.fetch, wanted)
    expected = [(row.timestamp, row.value) for row in everything.series(name)]
    promises.require(
        one.series_ids == (name,)
        and fingerprint([(row.timestamp, row.value) for row in one]) == fingerprint(expected),
        "a query for one series gives that series and no other",
        f"asked for {name!r} it gave {', '.join(one.series_ids)}, {len(one)} rows of "
        f"{len(expected)}",
    )
    start, end = expected[len(expected) // 3][0], expected[2 * len(expected) // 3][0]
    part = promises.pure(
        "fetch", source.fetch, replace(query, series=(name,), start=start, end=end)
    )
    promises.require(
        [row.timestamp for row in part] == [t for t, _ in expected if start <= t <= end],
        "a query for some periods gives just those, first and last included",
        f"asked for {start.date()} to {end.date()} it gave {part[0].timestamp.date()} to "
        f"{part[-1].timestamp.date()}",
    )
    unknown = "no such series, ever"
    promise = "an unknown series is an error of ours"
    try:
        found = source.fetch(replace(query, series=(unknown,), start=None, end=None))
    except ForecastGameError:
        return
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        promises.broken(promise, f"it raised {type(error).__name__}: {error}", error)
    promises.broken(promise, f"it gave {found!r}"[:300])
