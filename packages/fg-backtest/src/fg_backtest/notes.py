"""Notes beside the figures: marks, data, notices, fallbacks, gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from fg_core.reasons import OTHER_REASONS

from .agents import BENCHMARK, ENSEMBLE, line_up_notes
from .metric import Metric
from .metrics import columns
from .schema import Report

__all__ = ["notes"]

_LISTED = 8
_REASONS = 3


def notes(report: Report, width: int = 100) -> tuple[str, ...]:
    """Return the lines under the tables.

    Args:
        report: a report.
        width: width of the page, in characters, which decides what the tables show.

    Returns:
        Lines of text, one per note.
    """
    shown = list(columns(width).values())
    return (
        *_legend(shown),
        *_verdict(report),
        *line_up_notes(report.configuration.get("line_up", ""), report.provenance.source),
        *_data(report),
        *_gaps(report, shown),
    )


def _legend(shown: Sequence[Metric]) -> tuple[str, ...]:
    scores = [one.heading for one in shown if one.unit == "series" and one.better == "lower"]
    # What says who is better comes before what only describes.
    explained = sorted((one for one in shown if one.legend), key=lambda one: not one.better)
    return (
        f"{_and(scores)} in the unit of the series, lower is better; * marks the best, "
        "+ the best benchmark where the game is better, > the game's row. "
        f"{' '.join(one.legend for one in explained)} n counts scored origins.",
    )


def _and(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _verdict(report: Report) -> tuple[str, ...]:
    summary = report.summary
    skill = summary.contenders[ENSEMBLE].mean_skill
    if skill is None:
        return ()
    if not summary.beaten_by:
        return ("No other contender has a higher mean CRPS skill than the ensemble.",)
    names = ", ".join(
        f"{name} ({summary.contenders[name].mean_skill:+.3f})" for name in summary.beaten_by
    )
    return (f"The ensemble ({skill:+.3f}) is beaten on mean CRPS skill by {names}.",)


def _data(report: Report) -> tuple[str, ...]:
    of = report.provenance
    data = f"Data: {of.source}, {of.description}. Licence: {of.licence}. Vintage: {of.vintage}."
    found = [f"{data} SHA-256 {of.content_hash[:16]}."]
    if of.details:
        facts = ", ".join(
            f"{value:,} {name}" if isinstance(value, int) else f"{name} {value}"
            for name, value in of.details.items()
        )
        what = "Read from" if "file" in of.details else "Details"
        found.append(f"{what}: {facts}.")
    if of.fallback_for:
        found.append(f"FALLBACK: these data stand in for {of.fallback_for!r}.")
    if of.is_synthetic:
        found.append("SYNTHETIC: the numbers are made up.")
    return (*found, *of.notices)


def _gaps(report: Report, shown: Sequence[Metric]) -> tuple[str, ...]:
    return (
        *_panel(report),
        *_as_known(report),
        *_late(report),
        *_unscored(report),
        *_missing(report, shown),
        *_doubted(report),
        *_left_out(report),
    )


def _panel(report: Report) -> tuple[str, ...]:
    panel = report.configuration.get("panel")
    if not panel or not panel["shortest"]:
        return ()
    return (
        f"{', '.join(panel['agents'])} saw all series at once, so that agents were shown "
        f"{panel['lookback']} earlier values of each: {panel['shortest']} has no more at its first "
        "origin.",
    )


def _as_known(report: Report) -> tuple[str, ...]:
    revised = {n: one.revisions for n, one in report.series.items() if one.revisions}
    late = {n: one.late for n, one in report.series.items() if one.late}
    hindsight = report.configuration.get("revised_data", False)
    if not (revised or late or hindsight):
        return ()
    truth = report.configuration.get("truth", "latest")
    value = {"latest": "latest value", "first": "first value"}.get(
        str(truth), f"value after {truth} revisions"
    )
    if hindsight:
        seen = "Played on revised data, which nobody had then."
    else:
        found = [f"revised values {_listed(revised)}"] if revised else []
        found += [f"periods that were not out at their own origin {_listed(late)}"] if late else []
        seen = f"Played on the data as they were known at each origin: {'; '.join(found)}."
    return (f"{seen} Forecasts are scored on the {value} of each period.",)


def _left_out(report: Report) -> tuple[str, ...]:
    cells = (cell for one in report.series.values() for cell in one.horizons.values())
    if all(cell.origins is not None for cell in cells):
        return ()
    return (
        "SUMMARY ONLY: the report has no forecasts of single origins (--summary-only), so that its "
        "figures cannot be computed anew from it.",
    )


def _late(report: Report) -> tuple[str, ...]:
    late = {n: f"({one.later_than[:10]})" for n, one in report.series.items() if one.later_than}
    if not late:
        return ()
    return (
        "Scored from later than the source's own first origin, since a first fit needs more "
        f"rows than there are before it: {_listed(late)}.",
    )


def _unscored(report: Report) -> tuple[str, ...]:
    unscored = {
        f"{name} h{h}": cell.unscored
        for name in report.provenance.series
        for h, cell in sorted(report.series[name].horizons.items(), key=lambda item: int(item[0]))
        if cell.unscored
    }
    if not unscored:
        return ()
    total = sum(unscored.values())
    return (f"Unscored, since the target is not in the data: {total} ({_listed(unscored)}).",)


def _missing(report: Report, shown: Sequence[Metric]) -> tuple[str, ...]:
    missing: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    pointwise: set[str] = set()
    for one in report.series.values():
        for cell in one.horizons.values():
            missing.update(cell.missing)
            for name, counts in cell.missing_reasons.items():
                reasons.setdefault(name, Counter()).update(counts)
            pointwise |= {name for name, m in cell.contenders.items() if m.n_density < m.n}
    absent = {name: n for name, n in missing.items() if n}
    found = []
    if absent:
        found.append(
            f"Without a forecast at some scored origins: {_listed(absent)}. They are scored on the "
            f"others, and their skill is against {BENCHMARK} there."
        )
    for name in absent:
        why = reasons.get(name)
        if why:
            found.append(f"Why {name} had none: {_reasons(why)}.")
    if pointwise:
        names = ", ".join(name for name in report.contenders if name in pointwise)
        words = [one.word or one.heading for one in shown if one.needs_density]
        found.append(
            f"Without error bars at some origins: {names}. {_and(words)} are over the origins in "
            "brackets behind n; equal weights combine the forecasts that have error bars."
        )
    return tuple(found)


def _reasons(counts: Counter[str]) -> str:
    """Return the most frequent reasons, how often each was given, and how many more there are."""
    told = Counter({reason: n for reason, n in counts.items() if reason != OTHER_REASONS})
    common = told.most_common(_REASONS)
    rest = counts.total() - sum(n for _, n in common)
    texts = [f"{reason} ({n})" for reason, n in common]
    return "; ".join([*texts, *([f"{OTHER_REASONS} ({rest})"] if rest else [])])


def _doubted(report: Report) -> tuple[str, ...]:
    doubted = {n: one.prints_doubted for n, one in report.series.items() if one.prints_doubted}
    if not doubted:
        return ()
    return (
        f"Values doubted when they came in, more likely false than not: {_listed(doubted)}; "
        "forecasts from there rest on them in part only.",
    )


def _listed(counts: Mapping[str, object]) -> str:
    texts = [f"{name} {n}" for name, n in counts.items()]
    more = f" and {len(texts) - _LISTED} more" if len(texts) > _LISTED else ""
    return ", ".join(texts[:_LISTED]) + more
