"""What a column's heading says: the field it fills, that it tells the outcome, its group.

Headings are compared without case, accents, spaces and signs, and without what a tool puts before
them ("Person - ", "Kontakt: "). The names are listed in `scoring/lists/fields.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal
from unicodedata import combining, normalize

from scoring.features import Group

_LAST = 1_000
_SHORT = 8
"""Letters of a name that counts in a question only as a word of its own."""
_CONTAINERS = frozenset(
    {
        "contact",
        "kontakt",
        "contacto",
        "contato",
        "person",
        "persona",
        "personne",
        "pessoa",
        "lead",
        "primary",
        "default",
        "address",
    }
    | {"ansprechpartner", "submitter", "attendee", "invitee", "member", "business", "work", "home"}
    | {"mailing", "billing", "shipping", "other", "traits", "context", "properties"}
)
"""Words before a field's name that say whose it is: "primary_contact_primary_email"."""
_OF_OTHERS = (
    *("deal", "lead", "opportun", "oportunid", "organi", "verkaufschance", "projekt", "project"),
    *("affaire", "trato", "negocio", "prospecto", "piste"),
)
"""Whose title is no job title."""


_WHOSE = re.compile(r"(.*)(?: - |: | > |/|\.(?=\w))")
"""What stands before the last part of a heading."""
_OF_ADDRESS = re.compile(
    r"\s*(?:\b(?:of|der|du|de|del|do|da|von)\b|- )?\s*(?:\b(?:the|la|el)\s|\bl['’])?\s*"
    r"(?:address|adresse|anschrift|direcci[oó]n|endere[cç]o)$|"
    r"(?<= - )(?:address|adresse|anschrift|direcci[oó]n|endere[cç]o) - ",
    re.IGNORECASE,
)
"""What a part of an address is of: "Organization - Country of Address", "… - Adresse - Land"."""


def bare_heading(column: str) -> str:
    """A heading in its one spelling: letters and digits, lower case, no accents."""
    folded = normalize("NFKD", column.replace("ß", "ss").replace("ı", "i")).casefold()
    return "".join(c for c in folded if c.isalnum() and not combining(c))


def spellings(column: str) -> list[str]:
    """The spellings a heading is looked up by: whole, then without the tool's prefix."""
    found = [bare_heading(column)]
    without = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*", " ", column)
    words = _words(without)
    while len(words) > 1 and words[0] in _CONTAINERS:
        words = words[1:]
        found.append(bare_heading("".join(words)))
    for sign in (" - ", ": ", " > ", "/", "."):
        first, _, rest = column.partition(sign)
        if rest:
            found += [bare_heading(first)] * (sign == "/") + [bare_heading(rest)]
            found += [bare_heading(rest.partition(sign)[0])] * (sign == " - ")  # … - Work
            found += [bare_heading(rest.partition("/")[0])] * (sign == " - " and "/" in rest)
            found += [bare_heading(first)] * (bare_heading(rest) == "value")  # E-mail 1 - Value
    found.append(bare_heading(without))
    part = _OF_ADDRESS.sub("", column).strip()
    if part != column.strip() and (" - " in part) == (" - " in column):
        found += [spelling for spelling in spellings(part) if part]
    found += [spelling[:-1] for spelling in found if spelling.endswith("1")]  # emailaddress1
    return [spelling for spelling in dict.fromkeys(found) if spelling]


def known_field(column: str) -> str | None:
    """The field of a lead that a column of this name fills."""
    place = _place(column)
    return None if place is None else place[0]


def listed_columns(kind: str, columns: Iterable[str]) -> dict[str, list[str]]:
    """The columns that fill each field of another file ("targets", "renewals"), the surest first.

    A field that no column of such a name fills has none.
    """
    found: dict[str, list[tuple[int, str]]] = {field: [] for field in _list("fields")[kind]}
    ranks = _ranks(kind)
    for column in columns:
        place = next((ranks[name] for name in spellings(column) if name in ranks), None)
        if place is not None:
            found[place[0]].append((place[1], column))
    return {
        field: [column for _, column in sorted(places, key=lambda entry: entry[0])]
        for field, places in found.items()
    }


def known_fields(columns: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    """The field each column fills: as given, else by its name, the surest name first.

    Several columns may fill one field; of a lead the first that is filled counts. A weak name
    ("title", "name") counts only where no better one is there.
    """
    columns = _of_guests([*columns])
    meant = _phones_by_kind(columns)
    places = {
        c: place
        for c in columns
        if c not in given and (place := _place(meant.get(c, c))) is not None
    }
    strong = {known for known, rank, is_weak in places.values() if not is_weak}
    strong |= set(given.values())
    found = dict(given)
    for column, (known, _, is_weak) in sorted(places.items(), key=lambda entry: entry[1][1]):
        if not (is_weak and known in strong):
            found[column] = known
    return found


def _place(column: str) -> tuple[str, int, bool] | None:
    """The field, the rank of its name among the field's names, and whether the name is weak."""
    if opt_out := _opt_out(column):
        return opt_out, 0, False
    if tells_bounce(column):
        return None
    if is_of_somebody_else(column):
        return None
    of_other = bare_heading(column).startswith(_OF_OTHERS)
    for spelling in spellings(column):
        found = _by_name().get(spelling)
        if found is not None and not (found[2] and of_other and found[0] != "region"):
            return found
    return _asked(column)


def is_of_somebody_else(column: str) -> bool:
    """Whether a heading in parts names a field of the lead's owner or the like.

    "Lead Owner: Email" does; "Manager" is the lead's own.
    """
    whose = _WHOSE.match(column)
    if whose is None:
        return False
    words = {bare_heading(word) for word in re.split(r"[\W_]+", whose[1])}
    lists = _list("fields")["somebody_else"]
    return bool(words & {*lists["words"]}) or any(
        phrase in bare_heading(whose[1]) for phrase in lists["phrases"]
    )


def _of_guests(columns: Sequence[str]) -> Sequence[str]:
    """Without what a booking tool says of its own user, where it says who was invited."""
    lists = _list("fields")["somebody_else"]
    first = {column: _words(column)[:1] for column in columns}
    if not any(word in lists["guests"] for words in first.values() for word in words):
        return columns
    return [column for column, words in first.items() if not {*words} & {*lists["hosts"]}]


def _phones_by_kind(columns: Sequence[str]) -> Mapping[str, str]:
    """What a phone book's bare "Work" and "Home" mean: numbers, where "Mobile" stands beside."""
    bare = {column: bare_heading(column) for column in columns}
    if not {"mobile", "mobilephone"} & {*bare.values()}:
        return {}
    return {c: f"{c} phone" for c, name in bare.items() if name in ("work", "home", "other")}


def _words(column: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", column.casefold()) if word]


def _asked(column: str) -> tuple[str, int, bool] | None:
    """The field that a question names ("What's your work email?"), the weakest of its names."""
    lists = _list("fields")["asked"]
    spelling = bare_heading(column)
    single = [bare_heading(word) for word in re.split(r"[^\w-]+", column) if word]
    words = {*single, *(a + b for a, b in pairwise(single))}
    for known, names in lists.items():
        if known == "other" or not any(
            name in words or (len(name) > _SHORT and name in spelling) for name in names
        ):
            continue
        rest = spelling
        for name in names:
            rest = rest.replace(name, "")
        return None if any(word in rest for word in lists["other"]) else (known, _LAST, False)
    return None


def _opt_out(column: str) -> str | None:
    """The objection a heading names, in whichever words; not what says that one may write."""
    spelling = bare_heading(column)
    words = _opt_out_words()
    if any(word in spelling for word in words["not"]):
        return None
    if not any(word in spelling for word in words["words"]):
        return None
    return "do_not_call" if any(word in spelling for word in words["calls"]) else "do_not_email"


def objections_of(column: str) -> tuple[str, ...]:
    """All that a heading objects to: who must not be contacted is neither mailed nor called."""
    known = _opt_out(column)
    spelling, words = bare_heading(column), _opt_out_words()

    def says(kind: str) -> bool:
        return any(word in spelling for word in words[kind])

    is_both = says("contact") or (says("calls") and says("mails"))
    return () if known is None else ("do_not_email", "do_not_call") if is_both else (known,)


def is_no_region(cells: Iterable[str]) -> bool:
    """Whether most of a column's different cells are states of a subscription or a deal."""
    different = {cell.strip().casefold() for cell in cells} - {""}
    return 2 * len(different & {*_list("fields")["no_region"]["words"]}) > len(different)


def tells_bounce(column: str) -> bool:
    """Whether a heading says that the mail address is dead, as "Email hard bounce reason" does."""
    spelling, lists = bare_heading(column), _list("fields")["bounced"]
    return any(word in spelling for word in lists["words"]) and not any(
        word in spelling for word in lists["not"]
    )


@cache
def _opt_out_words() -> dict[str, list[str]]:
    """The words of an objection as headings are spelt: Hangul and kana fall apart there."""
    lists = _list("fields")["opt_out"]
    return {name: [bare_heading(word) for word in words] for name, words in lists.items()}


def names_a_code(column: str) -> bool:
    """Whether a heading calls its whole numbers names of things: ids, postal codes, sectors.

    One such number is not more than another.
    """
    lists = _list("fields")["code"]
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column)
    words = [bare_heading(word) for word in re.split(r"[\W_]+", spaced) if word]
    return any(spelling in lists["names"] for spelling in spellings(column)) or (
        bool(words) and words[-1] in lists["last_words"]
    )


def names_a_date(column: str) -> bool:
    """Whether a heading has a word for a date or a time."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column)
    words = {bare_heading(word) for word in re.split(r"[\W_]+", spaced)}
    return bool(words & {*_list("fields")["outcome"]["dated"]["time"]} - {"on", "le", "el", "em"})


def names_people(column: str) -> bool:
    """Whether a heading names who a row is about: a person's whole name, which no model may know.

    "Contact - Name" does, "Campaign - Name" does not.
    """
    lists = _list("fields")["person"]
    words = _words(column)
    while len(words) > 1 and words[0] in _CONTAINERS:
        words = words[1:]
    whole = bare_heading(column)
    last = bare_heading(column.rpartition(" - ")[2])
    return (
        bool({whole, bare_heading("".join(words))} & {*lists["names"]})
        or last in {*lists["names"]} - {"name"}
        or any(whole.endswith(words) for words in lists["asked"])
    )


def tells_outcome(column: str) -> Literal["time", "value"] | None:
    """Whether a heading names when or how a trial ended, which no lead to be scored may know."""
    lists = _list("fields")["outcome"]
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column)
    words = {bare_heading(word) for word in re.split(r"[\W_]+", spaced)} - {""}
    for spelling in spellings(column):
        if spelling in lists["times"]:  # a month or a quarter tells it, but is no time
            return "value" if words & {*lists["dated"]["period"]} else "time"
        if spelling in lists["values"]:
            return "value"
    dated = lists["dated"]
    became = {*dated["won"], *dated["converted"]} - {"win", "gain", "gewinn", "ganancia"}
    beside = {"is", "has", "was", "did", "to", "trial", "paid", *dated["customer"]}
    if words & became and not words - became - beside - {*dated["beside"]}:
        return "value"
    return _dated(words, lists["dated"])


def dates_the_end(column: str) -> bool:
    """Whether a heading says when a deal ended, won or lost."""
    if tells_outcome(column) == "time":
        return True
    known = _list("fields")["outcome"]["dated"]
    return any(
        spelling in ("losttime", "lostat", "lostdate", "loston") for spelling in spellings(column)
    ) or any(_says_lost(part, known) for part in (column, column.rpartition(" - ")[2]))


def _says_lost(heading: str, known: Mapping[str, list[str]]) -> bool:
    words = {bare_heading(word) for word in re.split(r"[\W_]+", heading)} - {""}
    others = words - {*known["lost"], *known["time"], *known["closed"], *known["beside"]}
    return bool(words & {*known["lost"]}) and bool(words & {*known["time"]}) and not others


def _dated(words: set[str], known: Mapping[str, list[str]]) -> Literal["time", "value"] | None:
    """What a heading of such words that says when something ended tells."""
    timed, period = words & {*known["time"]}, words & {*known["period"]}
    if not (timed or period) or words - {name for names in known.values() for name in names}:
        return None
    if words & {*known["lost"]}:
        return "value"
    became = words & {*known["customer"]} and words & {*known["became"]}
    if not (became or words & {*known["won"], *known["closed"], *known["converted"]}):
        return None
    return "value" if period else "time"


@cache
def _by_name() -> dict[str, tuple[str, int, bool]]:
    lists = _list("fields")
    names: dict[str, tuple[str, int, bool]] = {}
    for known, spelt in lists["field"].items():
        for rank, name in enumerate(spelt):
            is_weak = name in lists["weak"]["names"]
            names.setdefault(bare_heading(name), (known, rank, is_weak))  # kana fall apart there
    return names


@cache
def _ranks(kind: str) -> dict[str, tuple[str, int]]:
    """The field that a heading fills, and the rank of its name among the field's names."""
    ranks: dict[str, tuple[str, int]] = {}
    for field, names in _list("fields")[kind].items():
        for rank, name in enumerate(names):
            ranks.setdefault(bare_heading(name), (field, rank))
    return ranks


@cache
def _list(name: str) -> dict[str, Any]:  # Any: what TOML holds; each reader knows its shape
    text = files("scoring").joinpath(f"lists/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def group_of(column: str) -> Group:
    """Engagement where a heading names behaviour, else fit."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column).casefold()
    words = set(re.findall(r"[a-z]+", spaced))
    return "engagement" if words & set(_list("engagement")["words"]) else "fit"
