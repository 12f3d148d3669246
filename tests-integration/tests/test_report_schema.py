"""The published schema is what the report follows, and what other programs can check it with."""

import json
from pathlib import Path

import jsonschema
import pytest

from fg_backtest import backtest, report_schema
from fg_data import load_dataset

PUBLISHED = Path(__file__).resolve().parents[2] / "docs/schema/backtest_report.v1.schema.json"


@pytest.fixture(scope="module")
def report():
    played = backtest(
        load_dataset("us_macro"), "unemp", agents="baselines", horizons=(1, 4), step=40
    )
    return json.loads(json.dumps(played.to_dict()))


def test_the_published_file_is_the_schema():
    """Made by: python -c 'import json, fg_backtest as b; print(json.dumps(b.report_schema(),
    indent=1, sort_keys=True))' > docs/schema/backtest_report.v1.schema.json
    """
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == report_schema()


def test_the_schema_is_a_schema_and_a_report_follows_it(report):
    jsonschema.Draft202012Validator.check_schema(report_schema())
    jsonschema.validate(report, report_schema(), cls=jsonschema.Draft202012Validator)


def test_it_refuses_what_is_no_report(report):
    broken = [
        {key: value for key, value in report.items() if key != "sha256"},
        {**report, "version": "1"},
        {**report, "extra": 1},
        {**report, "series": {"unemp": {}}},
    ]
    for bad in broken:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, report_schema(), cls=jsonschema.Draft202012Validator)
