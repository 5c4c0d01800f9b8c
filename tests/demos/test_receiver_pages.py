"""The receivers' pages: every command is right, every link leads somewhere, and the table names every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.options import parse_options
from bridge.osc_profiles import PROFILES
from bridge.targets import parse_target

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "receivers"
PAGES = sorted([*FOLDER.glob("*.md"), *(ROOT / "demos").glob("*/README.md")])
PATCHES = [path for kind in ("*.pd", "*.scd", "*.pde", "*.gd", "*.cs") for path in (ROOT / "demos").rglob(kind)]
COMPLETE = re.compile(r"osc\+\w+://[0-9.]+:[0-9]+[^\s`\"|)<]*")


@pytest.mark.parametrize("path", [*PAGES, *PATCHES], ids=lambda path: path.name)
def test_every_target_can_be_published_to(path: Path) -> None:
    for url in COMPLETE.findall(path.read_text(encoding="utf-8")):
        target = parse_target(url.rstrip(".,;"))
        parse_options(target, PROFILES[target.scheme].all_options)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def test_every_page_is_in_the_table_and_has_a_command_and_says_what_to_do() -> None:
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.glob("*.md"):
        page = path.read_text(encoding="utf-8")
        if path.name != "README.md":
            assert f"({path.name})" in table
            assert COMPLETE.search(page), path.name
            assert "**If there is nothing:**" in page, path.name
            assert "**What to" in page, path.name
