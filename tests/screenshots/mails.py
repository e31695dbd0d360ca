"""Every mail in every language: one sheet a mail, light and dark, each letter a picture of its own
pasted in, so that nothing is left out that a page would load late.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from service.mail.locales import tongue_names
from service.mail.render import email_names
from service.mail.samples import sample

_LETTER = {"width": 640, "height": 400}
_PHONE = {"width": 375, "height": 400}


def sheets(browser: Browser, out: Path) -> None:
    """Write `mail-NAME.png` and `mail-NAME-dark.png` for every mail; English also on a phone."""
    for email in sorted(email_names()):
        for look in ("light", "dark"):
            shots = [_shot(browser, email, name, look) for name in tongue_names()]
            if look == "light":
                shots.append(_shot(browser, email, "en", look, is_phone=True))
            path = out / f"mail-{email}{'' if look == 'light' else '-dark'}.png"
            _paste(browser, shots, path)


def _shot(
    browser: Browser,
    email: str,
    locale: str,
    look: Literal["light", "dark"] | str,
    *,
    is_phone: bool = False,
) -> bytes:
    context = browser.new_context(
        viewport=_PHONE if is_phone else _LETTER,  # type: ignore[arg-type]  # its own TypedDict
        color_scheme="dark" if look == "dark" else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    letter = sample(email, locale).letter
    page.set_content(letter.html)
    taken = page.screenshot(full_page=True)
    context.close()
    return taken


def _paste(browser: Browser, shots: list[bytes], path: Path) -> None:
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}">' for shot in shots
    )
    page = browser.new_page(viewport={"width": 3 * 660, "height": 400})
    page.set_content(
        "<style>body{margin:10px;display:grid;grid-template-columns:repeat(3,640px);gap:10px;"
        f"align-items:start;background:#888}}</style>{images}"
    )
    page.screenshot(path=path, full_page=True)
    page.close()
