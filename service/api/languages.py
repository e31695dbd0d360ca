"""The language of a customer's page: the one they chose there, else their own, else the browser's.

The choice is `?lang=de` on the same signed link. No cookie is set, so each link and form of a page
carries the choice on. Looking keeps nothing; what somebody does in a language is kept as theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from service.domain.lead import StoredLead
from service.mail.context import known_locale
from service.mail.locales import Locale, locale_of, tongue_names
from service.mail.offer_words import first_up
from service.use_cases.intake.language import LanguageUsed

_PARAMETER = "lang"
_PAGE_PARTS = 3
"""Of `/o/{token}/accept` the page is `/o/{token}`: an empty part, the kind and the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLink:
    """The page in another language, or the language it is in."""

    lang: str
    """As HTML names it, such as `pt-BR`."""
    name: str
    """As its speakers name it."""
    href: str
    is_current: bool


def locale_for(request: Request, lead: StoredLead | None) -> Locale:
    """The language chosen on the page, else the lead's, else the browser's."""
    return chosen_locale(request, None if lead is None else known_locale(lead))


def chosen_locale(request: Request, usual: Locale | None) -> Locale:
    """The language chosen on the page, else the usual one, else the browser's."""
    usual = usual or locale_asked(request)
    chosen = request.query_params.get(_PARAMETER)
    if chosen is None or chosen not in _codes() or _codes()[chosen] == usual.name:
        return usual
    return locale_of(_codes()[chosen])


def locale_asked(request: Request) -> Locale:
    """The first language of the browser's `Accept-Language`."""
    return locale_of(_browsers(request))


def language_used(request: Request) -> LanguageUsed:
    """The language in which somebody does something on a page."""
    codes, browsers = _codes(), _browsers(request).partition("-")[0].lower()
    chosen = request.query_params.get(_PARAMETER, "")
    return LanguageUsed(chosen=codes.get(chosen), browsers=codes.get(browsers))


def chosen_query(request: Request) -> str:
    """`?lang=de` where a language was chosen, for the page's own forms; else nothing."""
    chosen = request.query_params.get(_PARAMETER)
    return f"?{_PARAMETER}={chosen}" if chosen in _codes() else ""


def language_links(request: Request, tongue: Locale) -> list[LanguageLink]:
    """A page's link in each language, by the languages' own names; a GET keeps what it asked."""
    path = "/".join(request.url.path.split("/")[:_PAGE_PARTS])
    asked = dict(request.query_params) if request.method == "GET" else {}
    links = [
        LanguageLink(
            lang=name,
            name=first_up(locale_of(name).locale.get_language_name() or name),
            href=f"{path}?{urlencode(asked | {_PARAMETER: code})}",
            is_current=name == tongue.name,
        )
        for code, name in _codes().items()
    ]
    return sorted(links, key=lambda link: link.name)


def _browsers(request: Request) -> str:
    accepted = request.headers.get("accept-language", "")
    return accepted.partition(",")[0].partition(";")[0].strip()


def _codes() -> dict[str, str]:
    """The catalogues by the code that a link says: `pt` for `pt-BR`."""
    return {name.partition("-")[0]: name for name in tongue_names()}
