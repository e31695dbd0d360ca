"""`python -m tests.bench [THEME…]`: every speed figure beside its reference.

A theme is a file of this folder with a function `run`: it answers rows of the table (figure, ours,
reference, ratio), or prints by itself and answers nothing. Nothing here fails for being slow.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.bench.harness import Figure, show

_NO_THEMES = {"__main__", "harness", "load", "many_leads", "peers", "served", "stores"}


def main(asked: list[str]) -> int:
    """Run the themes asked for, or all; 2 for a theme that does not exist."""
    themes = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem not in _NO_THEMES)
    unknown = set(asked) - set(themes)
    if unknown:
        print(f"no theme {', '.join(sorted(unknown))}; there are {', '.join(themes)}")
        return 2
    for theme in asked or themes:
        print(f"==> {theme}", flush=True)
        rows = import_module(f"tests.bench.{theme}").run()
        if rows:
            show(theme, [Figure(*row) for row in rows])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
