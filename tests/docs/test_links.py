"""Every link of the documentation leads somewhere: files, headings, and the menu's pages.

By hand rather than by a link checker, which would ask the internet; 30 lines follow ours.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.doc_pages import PAGES, ROOT, menu, read, without_code

AT_THE_ROOT = ("ARCHITECTURE", "CHANGELOG", "CONTRIBUTING", "SECURITY")
CHECKED = (*PAGES, *(ROOT / f"{name}.md" for name in AT_THE_ROOT))


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def links(page: Path) -> list[str]:
    prose = re.sub(r"`[^`\n]*`", "", without_code(page.read_text(encoding="utf-8")))
    found = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [target for target in found if not target.startswith(("http://", "https://"))]


def anchors(page: Path) -> set[str]:
    """The headings' anchors, as Python-Markdown and GitHub make them."""
    headings = re.findall(r"^#{1,6} (.+)$", without_code(read(page)), flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"\s", "-", heading) for heading in plain}


@pytest.mark.parametrize("page", CHECKED, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        place, _, anchor = target.partition("#")
        aimed = (page.parent / place).resolve() if place else page
        assert aimed.exists(), target
        if anchor:
            assert anchor in anchors(aimed), target


def test_the_site_links_to_nothing_outside_of_it() -> None:
    site = ROOT / "docs"
    for page in menu():
        for target in links(page):
            place = target.partition("#")[0]
            aimed = (page.parent / place).resolve() if place else page
            assert aimed.is_relative_to(site), f"{name(page)}: {target}"


def test_the_menu_has_every_page_and_no_other() -> None:
    assert sorted(menu()) == sorted((ROOT / "docs").rglob("*.md"))


def test_a_lost_link_and_a_lost_heading_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, here\n\n[a](gone.md) [b](#a-heading-here) `[c](not.md)`\n", "utf-8"
    )
    assert links(page) == ["gone.md", "#a-heading-here"]
    assert anchors(page) == {"a-heading-here"}
