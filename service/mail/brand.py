"""The seller as customers see it: name, logo, colour, links and how prices are said, on pages and
in mails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from service.errors import ConfigurationError
from service.settings import Settings

LOGO_PATH = "/brand/logo"
LOGO_BYTES = 200_000
_DARK, _LIGHT = "#000000", "#ffffff"
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """What is set of the seller; an empty text where nothing is."""

    name: str = ""
    logo: str = ""
    """Its address, as a page of ours names it."""
    logo_url: str = ""
    """Its whole address, as a mail names it."""
    color: str = ""
    on_color: str = ""
    """The colour of text on `color`, which always reads."""
    support_email: str = ""
    billing_url: str = ""
    booking_url: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    tax: Literal["taxes", "vat", "none"] = "taxes"
    """What prices leave out."""
    after_term: Literal["renews", "ends"] = "renews"
    """What follows a paid term."""

    @property
    def logo_origin(self) -> str:
        """Where the logo is loaded from, if not from here."""
        parts = urlsplit(self.logo)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def brand_of(settings: Settings) -> Brand:
    """The seller of these settings."""
    logo, color = settings.brand_logo or "", settings.brand_color or ""
    is_file = bool(logo) and "://" not in logo
    return Brand(
        name=settings.brand_name or "",
        logo=LOGO_PATH if is_file else logo,
        logo_url=settings.public_url.rstrip("/") + LOGO_PATH if is_file else logo,
        color=color,
        on_color=text_on(color) if color else "",
        support_email=settings.support_email or "",
        billing_url=settings.billing_url or "",
        booking_url=settings.booking_url or "",
        terms_url=settings.terms_url or "",
        privacy_url=settings.privacy_url or "",
        tax=settings.price_tax,
        after_term=settings.after_term,
    )


def read_logo(named: str | None) -> tuple[bytes, str] | None:
    """The logo's bytes and media type, where it is a file of ours. Raises ConfigurationError.

    SVG is left out: few mail programs draw it, and it may hold scripts.
    """
    if named is None or "://" in named:
        return None
    try:
        content = Path(named).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"brand_logo {named}: {error.strerror}") from None
    kinds = [kind for begins, kind in _KINDS if content.startswith(begins)]
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kinds = ["image/webp"]
    if not kinds:
        raise ConfigurationError(f"brand_logo {named} must be a PNG, JPEG, GIF or WebP picture")
    if len(content) > LOGO_BYTES:
        raise ConfigurationError(
            f"brand_logo {named} has {len(content):,} bytes, more than {LOGO_BYTES:,}: shrink it"
        )
    return content, kinds[0]


def text_on(color: str) -> str:
    """Black or white, whichever has more contrast on a colour: always at least 4.5 to 1."""
    return max((_LIGHT, _DARK), key=lambda text: contrast(text, color))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance, from 0 to 1 (WCAG 2.2)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
