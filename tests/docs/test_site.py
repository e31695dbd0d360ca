"""The site is set up so that nothing is fetched, when it is built or read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.support.doc_pages import ROOT

SETTINGS = (ROOT / "zensical.toml").read_text(encoding="utf-8")


def test_no_font_script_or_picture_comes_from_elsewhere() -> None:
    told = tomllib.loads(SETTINGS)["project"]
    assert told["theme"]["font"] is False
    assert "extra_javascript" not in told
    assert "://" not in SETTINGS
    assert not re.search("emoji|mathjax|arithmatex|mermaid", SETTINGS)


def test_its_pictures_are_ours_and_load_nothing() -> None:
    for picture in (ROOT / "docs").rglob("*.svg"):
        text = picture.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, picture
        assert "<script" not in text, picture


def test_what_builds_it_is_pinned_beside_what_is_tested() -> None:
    def pins(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))

    site, whole = pins(ROOT / "requirements-docs.lock"), pins(ROOT / "requirements.lock")
    assert "zensical" in site
    assert {name: site[name] for name in site.keys() & whole.keys()} == {
        name: whole[name] for name in site.keys() & whole.keys()
    }
