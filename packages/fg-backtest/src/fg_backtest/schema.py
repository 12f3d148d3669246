"""The report as typed records: what is in the JSON, and nothing else.

Everything is strict: a field that is missing, unknown or of another type is an error when a
report is read. Numbers are finite; what is not defined is null.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .metrics import Contender, Metrics

__all__ = [
    "REPORT_FORMAT",
    "REPORT_VERSION",
    "WORST",
    "WORST_ON_COLUMNS",
    "AttackReport",
    "AttackRow",
    "Cell",
    "Contender",
    "Ensemble",
    "ExpertForecast",
    "Metrics",
    "Mixture",
    "OriginRecord",
    "Report",
    "SeriesReport",
    "Shape",
    "Source",
    "Summary",
    "WindowRecord",
]

REPORT_FORMAT = "forecast-game-backtest"
"""Field `format` of every report."""

REPORT_VERSION = 1
"""The version that this package writes and the only one that it reads."""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Base of all records.

    Python's search for cycles passes them over: a record holds plain values and other records, and
    large reports have a hundred thousand of them.
    """


class Shape(_Record, frozen=True, omit_defaults=True):
    """A distribution that is no normal, in parts; see `fg_core.distributions.ShapeArrays`.

    Args:
        normal_share: Probability of its normal part.
        normal_mean: Mean of that part.
        normal_scale: Its standard deviation.
        knots: Places of a grid of quantiles.
        pieces: Probabilities between them, one fewer.
        lower_share: Probability of the exponential tail below the first knot.
        lower_scale: Mean distance of that tail from the knot.
        upper_share: Probability of the tail above the last knot.
        upper_scale: Mean distance of that tail from the knot.
        places: Places that have a probability above 0.
        masses: Their probabilities.
    """

    normal_share: float = 0.0
    normal_mean: float = 0.0
    normal_scale: float = 1.0
    knots: tuple[float, ...] = (0.0,)
    pieces: tuple[float, ...] = ()
    lower_share: float = 0.0
    lower_scale: float = 1.0
    upper_share: float = 0.0
    upper_scale: float = 1.0
    places: tuple[float, ...] = ()
    masses: tuple[float, ...] = ()


class ExpertForecast(_Record, frozen=True, omit_defaults=True):
    """What one forecaster said at an origin: N(mean, scale^2), or a distribution of these moments.

    Both are in the unit of the series, or of logarithms where the series' `support` is "log".
    """

    mean: float
    scale: float | None
    shape: Shape | None = None


class Mixture(_Record, frozen=True, omit_defaults=True):
    """The components of a mixture, normal unless a shape is given; one entry each.

    They are of logarithms where the series' `support` is "log", and stand as they were before they
    were censored where it is "nonnegative". `shapes` is empty where all are normal.
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    labels: tuple[str, ...]
    shapes: tuple[Shape | None, ...] = ()


class Ensemble(_Record, frozen=True):
    """The forecast that the game issued; quantiles at the report's `quantile_levels`."""

    mean: float
    variance: float
    quantiles: tuple[float, ...]
    components: Mixture | None


class OriginRecord(_Record, frozen=True):
    """Everything forecast at one origin for one horizon.

    Args:
        origin: Row number of the origin.
        period: First moment of the origin's period.
        target_period: First moment of the target's period; null: it is not in the data.
        target: What happened; null: not known, and the origin is not scored.
        base: The value at the origin that forecasts start from.
        p_bad: The defenders' probability that this value was bad.
        claims: By forecaster; one without a forecast here is absent.
        ensemble: The game's forecast.
        unavailable: Why a forecaster has no forecast here, by name.
    """

    origin: int
    period: str
    target_period: str | None
    target: float | None
    base: float
    p_bad: float
    claims: dict[str, ExpertForecast]
    ensemble: Ensemble
    unavailable: dict[str, str] = msgspec.field(default_factory=dict)


class WindowRecord(_Record, frozen=True):
    """One block of origins; numbers are rows, both ends included."""

    index: int
    first_origin: int
    last_origin: int
    train_start: int
    train_end: int
    first_period: str
    last_period: str
    contenders: dict[str, Metrics]


class Cell(_Record, frozen=True):
    """One series at one horizon.

    Args:
        contenders: Scores over all origins, by contender.
        windows: The same by block of origins.
        origins: The forecasts behind them; null: left out, in a report of the summary only.
        unscored: Origins whose target is not in the data.
        missing: By forecaster, scored origins without a forecast of it.
        weights: The aggregator's weights by forecaster after the last origin, if it has any.
        missing_reasons: By forecaster with such origins, how many there are for each kind of
            reason (# for each number); the first few kinds, and all others together.
    """

    contenders: dict[str, Metrics]
    windows: tuple[WindowRecord, ...]
    origins: tuple[OriginRecord, ...] | None
    unscored: int
    missing: dict[str, int]
    weights: dict[str, float]
    missing_reasons: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)

    @property
    def n_origins(self) -> int:
        """Number of origins, whether or not the report holds their forecasts."""
        return sum(one.last_origin - one.first_origin + 1 for one in self.windows)


class SeriesReport(_Record, frozen=True):
    """One series.

    Args:
        rows: Rows in the data.
        first_period: First moment of the first row's period.
        last_period: That of the last row.
        first_played: Row of the first origin of the game.
        played_from: First moment of its period.
        later_than: The source's own first scored origin, where the series is too short to score
            that; else null.
        prints_doubted: Played origins whose value the defenders thought bad more likely than not.
        step_scale: One-step scale of the series before the game.
        horizons: By horizon.
        revisions: Values in the data that took the place of an earlier one of the same period.
        late: Periods of which no value was out at their own origin.
        frequency: Frequency of its own rows, which may be coarser than that of the data; empty:
            it does not show.
        support: Values that the series can take: "real", "nonnegative" (forecasts are censored at
            zero) or "log" (positive, and played in logarithms).
        below_zero_from: Row of the first value below zero, from which on forecasts are not
            censored; null: there is none.
    """

    rows: int
    first_period: str
    last_period: str
    first_played: int
    played_from: str
    later_than: str | None
    prints_doubted: int
    step_scale: float
    horizons: dict[str, Cell]
    revisions: int = 0
    late: int = 0
    frequency: str = ""
    support: Literal["real", "nonnegative", "log"] = "real"
    below_zero_from: int | None = None


class Summary(_Record, frozen=True):
    """The bottom line.

    Args:
        benchmark: What skill is measured against.
        cells: How many cells there are.
        contenders: By name.
        beaten_by: Contenders with a higher mean skill than the ensemble, best first.
    """

    benchmark: str
    cells: int
    contenders: dict[str, Contender]
    beaten_by: tuple[str, ...]


class Source(_Record, frozen=True):
    """Where the data come from, and their hash; see `fg_core.Provenance`.

    `details` of a file are its name (`file`), size (`bytes`), checksum (`sha256`) and `rows`.
    """

    source: str
    description: str
    licence: str
    vintage: str
    is_synthetic: bool
    fallback_for: str
    notices: tuple[str, ...]
    content_hash: str
    frequency: str
    season_length: int
    series: tuple[str, ...]
    units: dict[str, str]
    details: dict[str, str | int] = msgspec.field(default_factory=dict)


WORST = "worst"
"""Name of the worst attack that was found, sought anew for each defense, in the rows of a curve."""

WORST_ON_COLUMNS = "worst_on_columns"
"""Name of the worst attack on context columns alone, likewise."""


class AttackRow(_Record, frozen=True):
    """Scores of one series at one horizon, for one attack, budget and defense.

    Args:
        unique_id: Name of the series.
        horizon: Steps ahead.
        defense: Name of the defense.
        attack: Name of the attack; empty: there was none.
        budget: Units that the attack may spend, in step scales.
        crps: Mean CRPS over scored origins, and over seeds where the attack draws random numbers,
            in the unit of the series.
        half_width: Half of the 95 % Monte Carlo interval of `crps`; 0 where nothing is drawn.
        coverage_80: Share of targets in the central 80 % interval.
        crps_clean: Mean CRPS of the same defense without an attack.
        damage: `crps / crps_clean - 1`, with `crps_clean` of the undefended forecast.
        spent: Units that were spent, mean over seeds, in step scales.
        exact: Whether no attack on the grid of hits is worse, counting all horizons; false also for
            attacks that are not optimised.
        searched: Number of attacks within the budget that were played to find this one; 0 where
            none was searched for.
        certified: Largest damage that any attack within the budget may do, hits of any size up to
            the cap included; null: nothing is certified, or the attack is not the worst.
        uncertified: Why nothing is certified of the worst attack, in words.
        columns: Context columns that the attack may hit in place of the value, joined by commas;
            empty: it hits the value.
    """

    unique_id: str
    horizon: int
    defense: str
    attack: str
    budget: float
    crps: float
    half_width: float
    coverage_80: float
    crps_clean: float
    damage: float
    spent: float
    exact: bool = False
    searched: int = 0
    certified: float | None = None
    uncertified: str = ""
    columns: str = ""


class AttackReport(_Record, frozen=True):
    """The price of attack: every attack against every defense.

    Args:
        cap: Largest hit, in step scales.
        n_seeds: Number of seeds of attacks that draw random numbers.
        rows: Scores, by series, defense, attack and horizon.
        best_defense: Defense whose worst attack does least damage, mean over series, by horizon,
            then by budget.
    """

    cap: float
    n_seeds: int
    rows: tuple[AttackRow, ...]
    best_defense: dict[str, dict[str, str]]


class Report(_Record, frozen=True, omit_defaults=True):
    """A whole report, but for its checksum, which is a matter of the file.

    Args:
        format: Always `REPORT_FORMAT`.
        version: Always `REPORT_VERSION`.
        created: When the run ended, UTC.
        command: Options of the command line, if one made it; never a path.
        configuration: Settings of the backtester, and of the game it plays.
        agents: Settings of each agent, by role and name.
        seed: Of every random number.
        provenance: Of the data; `series` are those played, in order.
        versions: Of Python and of the packages involved.
        contenders: Names, in the order of the tables.
        quantile_levels: Of the quantiles of every ensemble forecast.
        summary: The bottom line.
        series: By name.
        attack: The price of attack, where attacks were played.
    """

    format: str
    version: int
    created: str
    command: dict[str, Any]
    configuration: dict[str, Any]
    agents: dict[str, dict[str, str]]
    seed: int
    provenance: Source
    versions: dict[str, str]
    contenders: tuple[str, ...]
    quantile_levels: tuple[float, ...]
    summary: Summary
    series: dict[str, SeriesReport]
    attack: AttackReport | None = None
