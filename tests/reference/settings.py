"""Every setting, from service/settings.py."""

from __future__ import annotations

from pydantic_core import PydanticUndefined

from service.settings import Settings
from tests.reference.markdown import code, page, table


def settings() -> str:
    """The page."""
    rows = [
        (code(f"GIVEGET_{name.upper()}"), _shown(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return page(
        "Settings",
        "From the command line, the environment, a TOML file (`port = 8080`) or their defaults, in"
        " this order; `giveget doctor --settings` prints the same.",
        table(["setting", "default", "says"], rows),
    )


def _shown(value: object) -> str:
    if value is None or value is PydanticUndefined or value in ((), {}):
        return ""
    return code(",".join(map(str, value)) if isinstance(value, tuple) else str(value))
