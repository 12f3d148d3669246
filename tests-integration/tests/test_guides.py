"""The examples of the guides run as they stand there, and print what the guides say."""

import re
from pathlib import Path
from typing import Any

import pytest

from fg_core.plugins import GROUPS
from fg_core.testing import checks

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for folder in (".", "docs", "docs/research", "packages/*", "haskell-rlm", "tests-integration")
    for page in ROOT.glob(f"{folder}/*.md")
)


def blocks(text: str) -> list[str]:
    """Return the Python examples of a page."""
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_example_of_a_doubt_about_several_prints_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (DOCS / "defenses.md").read_text(encoding="utf-8")
    section = re.search(r"^## Several prints\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    assert section is not None
    (code,) = blocks(section.group(1))
    exec(compile(code, "defenses.md", "exec"), {"__name__": "guide"})
    assert "'replaced 2'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "page",
    [
        "context.md",
        pytest.param("extending.md", marks=pytest.mark.slow),
        "fans.md",
        pytest.param("forecast.md", marks=pytest.mark.slow),
        "quality.md",
        pytest.param("strategies.md", marks=pytest.mark.slow),
        pytest.param("training.md", marks=pytest.mark.slow),
        "validation.md",
        "vintages.md",
    ],
)
def test_examples_print_what_stands_below_them(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known: dict[str, Any] = {"__name__": "guide"}
    examples = blocks((DOCS / page).read_text(encoding="utf-8"))
    for code in examples:
        exec(compile(code, page, "exec"), known)
    told = [line[2:] for code in examples for line in code.splitlines() if line.startswith("# ")]
    assert told
    printed = capsys.readouterr().out.splitlines()
    assert [line for line in told if line not in printed] == []


def test_every_extension_point_is_on_its_page_and_what_it_points_to_is_there() -> None:
    text = (DOCS / "extending.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| what \| what to write.*?\n\n", text, re.DOTALL | re.MULTILINE)
    asked = {name for name in checks.__all__ if name.startswith("check_")}
    for name in (*GROUPS, *asked):
        assert f"`{name}`" in table or f"`{name}(" in table, name
    files = set(re.findall(r"`(fg_\w+/[\w./]+)`", text))
    assert files
    for file in files:
        assert list(ROOT.glob(f"packages/*/src/{file}")), file


def headings(text: str) -> set[str]:
    """Return the anchors of a page, as forges make them from its headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^()\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        known = target.exists() and (
            not anchor or anchor in headings(target.read_text(encoding="utf-8"))
        )
        if not known:
            lost.append(link)
    assert lost == []


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()
