"""The documentation as its reader has it: README, the pages of docs/ in the menu's order, and the
files at the root that some of them show."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_SNIPPET = re.compile(r'^--8<-- "([^"]+)"$', re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def _leaves(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for each in nav.values() if isinstance(nav, dict) else nav:
            yield from _leaves(each)


def menu() -> list[Path]:
    """Every page of the site's menu, in its order."""
    told = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    return [ROOT / "docs" / page for page in _leaves(told["project"]["nav"])]


def read(path: Path) -> str:
    """A page with the files that it shows."""
    text = path.read_text(encoding="utf-8")
    return _SNIPPET.sub(lambda found: (ROOT / found[1]).read_text(encoding="utf-8"), text)


def without_code(text: str) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", text)


PAGES = (ROOT / "README.md", *menu())
WRITTEN = tuple(page for page in PAGES if page.parent.name != "reference")
"""Those written by hand."""


def blocks(language: str) -> Iterator[str]:
    """The blocks of code of one language on the pages written by hand, in their order."""
    for page in WRITTEN:
        text = page.read_text(encoding="utf-8")
        yield from re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
