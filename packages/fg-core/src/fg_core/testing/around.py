"""Conformance of what stands around the game: source, executor, evaluator, scenario."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fg_core.baselines import Drift, RandomWalk
from fg_core.config import SimulationConfig
from fg_core.errors import ForecastGameError
from fg_core.observation import Dataset, Observation
from fg_core.protocols import (
    DataSource,
    Evaluator,
    Executor,
    Query,
    Requirement,
    ScenarioOutcome,
    ValidationScenario,
)
from fg_core.registry import AgentRegistry

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
    """Check an executor: all results, each once, and no error is swallowed or ends other tasks.

    `stream` yields every position once, in any order, with the result of its task or the
    exception that the task raised, and can be left early. `map` returns the results in the order
    of the tasks and raises the exception of the first task that raised one.

    Args:
        executor: What is checked.

    Raises:
        ConformanceError: A promise is broken.

    >>> from fg_core.executors import SerialExecutor
    >>> check_executor(SerialExecutor())
    """
    promises = Promises("Executor", executor)
    promises.members("stream", "map")
    promises.named()
    for tasks in ([], [3], list(range(40, 0, -1)), [5, 5, 5]):
        expected = [twice_plus_one(task) for task in tasks]
        streamed = promises.pure("stream", _streamed, executor, twice_plus_one, tasks)
        promises.require(
            [position for position, _ in streamed] == list(range(len(tasks))),
            "stream yields the position of every task once",
            f"for {len(tasks)} tasks it yielded {[position for position, _ in streamed]}, sorted",
        )
        promises.require(
            [result for _, result in streamed] == expected,
            "stream yields the result of a task with its position",
            f"for {tasks} it yielded {streamed!r}",
        )
        found = promises.pure("map", executor.map, twice_plus_one, tasks)
        promises.require(
            isinstance(found, list) and found == expected,
            "map returns a list of the results, in the order of the tasks",
            f"for {tasks} it returned {found!r}",
        )
    _judge_failures(promises, executor)
    early = iter(executor.stream(twice_plus_one, range(8)))
    position, result = promises.call("stream", next, early)
    promises.require(
        result == twice_plus_one(position),
        "stream yields the result of a task with its position",
        f"for task {position} it yielded {result!r}",
    )
    if hasattr(early, "close"):
        promises.call("close of a stream that is left early", early.close)


def _streamed(executor: Executor, function: Any, tasks: Any) -> list[tuple[int, Any]]:
    """Return what a stream yields, by position."""
    return sorted(executor.stream(function, tasks), key=lambda pair: int(pair[0]))


def _judge_failures(promises: Promises, executor: Executor) -> None:
    tasks = [6, 7, 8, 77, 9]
    found = promises.call("stream", _streamed, executor, refuse_sevens, tasks)
    results = [result for _, result in found]
    promises.require(
        len(found) == len(tasks) and [results[i] for i in (0, 2, 4)] == [6, 8, 9],
        "a task that raises ends no other",
        f"two of {len(tasks)} tasks raised, and it yielded {found!r}",
    )
    for position in (1, 3):
        promises.require(
            isinstance(results[position], Exception)
            and f"task {tasks[position]}" in str(results[position]),
            "stream yields the exception of a task that raised as its result",
            f"for task {position} it yielded {results[position]!r}",
        )
    try:
        mapped = executor.map(refuse_sevens, tasks)
    except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
        if "task 7 " not in str(error):
            promises.broken(
                "map raises the exception of the first task that raised one",
                f"tasks 7 and 77 raise, and it raised {type(error).__name__}: {error}",
                error,
            )
    else:
        promises.broken("an error in a task is raised, not swallowed", f"map returned {mapped!r}")


def twice_plus_one(task: int) -> int:
    """Return 2 task + 1; importable by name, so that any executor can run it.

    >>> twice_plus_one(3)
    7
    """
    return 2 * task + 1


def refuse_sevens(task: int) -> int:
    """Return the task, or raise for 7 and 77.

    >>> refuse_sevens(6)
    6
    """
    if task in (7, 77):
        raise ValueError(f"task {task} fails on purpose")
    return task


def check_evaluator(evaluator: Evaluator, *configs: SimulationConfig) -> None:
    """Check an evaluator: a pure and finite score, of its own agents and of those it is given.

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
    without = promises.call("evaluate", evaluator.evaluate, tried[0], None)
    promises.require(
        fingerprint(without) == fingerprint(scores[0]),
        "without agents it scores those that it plays of its own accord",
        f"{scores[0]!r}, and {without!r} for agents = None",
    )
    asked: list[SimulationConfig] = []

    def agents(config: SimulationConfig) -> AgentRegistry:
        asked.append(config)
        return AgentRegistry((RandomWalk(), Drift()))

    for config in tried:
        promises.number("evaluate", promises.pure("evaluate", evaluator.evaluate, config, agents))
    promises.require(
        bool(asked), "agents that are given are the ones that play", "it never asked for them"
    )


def check_validation_scenario(scenario: ValidationScenario, *, seed: int = 7) -> None:
    """Check a validation scenario: what it says of itself, and its outcome.

    One line that describes it, what it requires, a known status, a message, finite figures, one
    result per seed; one that is skipped names something that it requires.

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
    promises.members("description", "requires")
    description = scenario.description
    promises.require(
        isinstance(description, str) and bool(description.strip()) and "\n" not in description,
        "description is one line that says what is checked",
        f"got {description!r}",
    )
    for need in scenario.requires:
        promises.require(
            isinstance(need, Requirement), "requires holds Requirements", f"got {need!r}"
        )
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
    promises.require(
        outcome.status != "skipped" or any(n.name in outcome.message for n in scenario.requires),
        "an outcome that is skipped names what is missing, and requires has it",
        f"it requires {[need.name for need in scenario.requires]}: {outcome.message!r}",
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
