"""What may be kept of a call's body: its shape, and the words that only machines use.

Every text is masked (`maria@acme.example` is `xxxxx@xxxx.xxxxxxx`) unless its key is known to hold
a machine's word, or the id or the name of a thing that happened; secrets are left out. At most one
person's id is left, and told, so that the whole can be erased with them. No library is used: those
that find personal data in text (such as presidio) look for what to hide, and here what is not known
is hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_LONGEST_BODY, _LONGEST_TEXT, _LONGEST_KEY, _DEEPEST, _MOST_KEYS = 4000, 80, 60, 12, 60
_LEFT_OUT = "(left out)"
_SECRET = re.compile(
    r"secret|token|passw|signature|authori[sz]ation|api.?key|cookie|credential|^key$", re.IGNORECASE
)
_LEAD = frozenset({"lead", "lead_id"})
_WORDS = frozenset(
    {
        "action",
        "api_version",
        "approval",
        "arm",
        "billing_reason",
        "by_machine",
        "campaign_code",
        "category",
        "channel",
        "code",
        "countries",
        "country",
        "currency",
        "direction",
        "disposition",
        "event",
        "eventtype",
        "feature",
        "field",
        "get",
        "give",
        "grade",
        "ground",
        "interval",
        "kind",
        "lane",
        "lane_why",
        "language",
        "languages",
        "locale",
        "mode",
        "model",
        "object",
        "objecttype",
        "offer",
        "offer_id",
        "outcome",
        "partner",
        "path",
        "plan",
        "propertyname",
        "reserve_currency",
        "result",
        "role",
        "rule",
        "segments",
        "stage",
        "state",
        "status",
        "subscriptiontype",
        "timezone",
        "tool",
        "type",
        "utm_campaign",
        "utm_medium",
        "utm_source",
        "verdict",
        "version",
        "what",
    }
)
"""Keys whose values are a machine's words."""
_IDS = frozenset(
    {
        "charge",
        "claim",
        "claim_id",
        "delivery",
        "event_id",
        "eventid",
        "give_id",
        "invoice",
        "message_id",
        "messageid",
        "model",
        "order",
        "order_id",
        "payment_intent",
        "policy",
        "policy_id",
        "policy_version",
        "price",
        "product",
        "request_id",
        "requestid",
        "subscription",
        "task_id",
        "transaction_id",
        "webhook_id",
    }
)
"""Keys whose values are the ids of things; who has one of them knows nobody."""
_HAPPENED = frozenset({"at", "created", "timestamp", "occurredat"})
"""What something has that happened, and a person does not."""
_PERSONAL = frozenset(
    {"email", "phone", "first_name", "last_name", "firstname", "lastname", "traits"}
)
_EVENTS = frozenset({"event", "event_name", "eventname"})
_REPORTS = frozenset({"rejected", "errors", "warnings"})
"""Lists of what was wrong, which hold nobody and are shown longer."""
_LONGEST_REPORT = 20
_SAYS = frozenset({"detail", "message", "error_description"})
"""Keys of an answer whose values are sentences about what went wrong."""
_OURS = _SAYS | {"title", "type"}
_EXPLAINING = frozenset({"caption", "lane_why", "recipe", "sentence", "why", "why_now"})
"""Keys of our answers whose values say why a lead scores or goes where it does, and what is given:
words of ours and of the policy's."""
_COUNTED = frozenset({"employees", "quantity", "seats", "term_months", "trial_days"})
"""Keys whose values are counts, also where a form sent them as text."""
_NUMBERS = frozenset(
    {
        *(
            "minor",
            "timestamp",
            "created",
            "occurredat",
            "seq",
            "at",
            "eventid",
            "portalid",
            "appid",
        ),
        *("amount", "amount_due", "amount_paid", "total", "subtotal", "unit_amount", "quantity"),
    }
)
_PLACES = frozenset({"lat", "latitude", "lng", "lon", "longitude", "ip"})
_WORD = re.compile(r"[A-Za-z][\w.:/-]{0,63}", re.ASCII)
_EVENT = re.compile(r"[A-Za-z][\w .:/-]{0,63}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_POLICY = re.compile(r"[\w-]{1,64}@[0-9a-f]{12}", re.ASCII)
"""A policy's name and version."""
_OURS_MADE = re.compile(r"(offer|claim|task|give|remark|msg)(_[a-z]+)*_[0-9a-f]{16,40}(_[a-z_]+)?")
"""The id of a thing that we made, which is nobody's name."""
_COUNT = re.compile(r"-?\d{1,6}(\.\d{1,6})?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_IN_TEXT = re.compile(r"""[^\s"'`<>]+@[^\s"'`<>]+|\d{5,}|"[^"]*"|'[^']*'|`[^`]*`""")
_PART = re.compile(r"[a-z_-]{1,30}|v\d+")
"""A part of a path that is no id."""
_LARGE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A call's two bodies as text to keep, whose they are, and the code of its answer."""

    body: str
    answer: str
    lead: str | None
    code: str


def masked(
    body: Any,
    answer: Any,
    *,
    whose: str | None,
    id_is_lead: bool,
    is_ours: bool = False,
    is_refusal: bool = False,
) -> Masked:
    """Both bodies masked; of an answer its sentences stay, without what the body had hidden.

    `whose` is the person known to be concerned; `id_is_lead`: the body's own `id` is a lead's;
    `is_ours`: the answer is ours, whose words on lane and score name nobody; `is_refusal`: it is
    one of our problems, whose words hold no input and stay whole.
    """
    masker = _Masker(lead=whose, id_is_lead=id_is_lead)
    told = masker.text(body)
    masker.id_is_lead = False
    read = _read(answer)
    code = read.get("code") if isinstance(read, dict) else None
    masker.plain = _OURS if is_refusal else _EXPLAINING if is_ours else frozenset()
    masker.says = frozenset() if is_refusal else _SAYS
    is_word = isinstance(code, str) and _WORD.fullmatch(code) is not None
    answered = masker.text(answer)
    return Masked(body=told, answer=answered, lead=masker.lead, code=str(code) if is_word else "")


def masked_target(url: str) -> str:
    """A URL's host and path, without ids in it, its query, or a name and password."""
    parts = urlsplit(url)
    names = (name if _PART.fullmatch(name) else "…" for name in parts.path.split("/")[1:])
    host = parts.hostname or ""
    return "/".join([host, *names]) if parts.path.strip("/") else host


def to_fill_in(kept: str) -> list[str] | None:
    """The keys of a kept body whose values are masked or left out; None of one that was cut."""
    try:
        return list(dict.fromkeys(_masked_keys(json.loads(kept), "")))
    except ValueError:
        return None


def _masked_keys(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _masked_keys(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _masked_keys(inner, key)
    elif value == _LEFT_OUT or (isinstance(value, str) and _is_shape(value)):
        yield key


def _is_shape(text: str) -> bool:
    """Whether a text says nothing but its shape, or that more was there."""
    return text == _shape(text) != "" or text.startswith("… and ")


class _Masker:
    def __init__(self, *, lead: str | None, id_is_lead: bool) -> None:
        self.lead = lead
        self.id_is_lead = id_is_lead
        self.plain: frozenset[str] = frozenset()
        self.says: frozenset[str] = frozenset()
        self._hidden: set[str] = set()

    def text(self, told: Any) -> str:
        """The whole as indented JSON, cut where it is long; a note where it is none."""
        if told is None or told == b"":
            return ""
        value = _read(told)
        if value is _UNREADABLE:
            return _unreadable(told)
        said = json.dumps(self._value(value, "", 0), indent=2, ensure_ascii=False)
        said = said.encode("utf-8", "backslashreplace").decode()  # half a character, as JSON has it
        return said if len(said) <= _LONGEST_BODY else f"{said[:_LONGEST_BODY]}…"

    def _value(self, value: Any, key: str, depth: int) -> Any:
        if depth > _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return self._object(value, depth)
        if isinstance(value, list | tuple):
            most = _LONGEST_REPORT if key in _REPORTS else 1
            first = [self._value(one, key, depth + 1) for one in value[:most]]
            more = len(value) - most
            return first + ([f"… and {more:,} more"] if more > 0 else [])
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float):
            is_kept = key in _NUMBERS or (abs(value) < _LARGE and key not in _PLACES)
            return value if is_kept else _shape(str(value))
        return self._string(str(value), key)

    def _object(
        self, given: Mapping[str, Any], depth: int, *, is_lead: bool = False
    ) -> dict[str, Any]:
        is_lead = is_lead or (depth == 0 and self.id_is_lead)
        kept: dict[str, Any] = {}
        names = {name.lower() for name in given}
        happened = bool(_HAPPENED & names) and not _PERSONAL & names
        for name, value in list(given.items())[:_MOST_KEYS]:
            key = name.rstrip("]").rpartition("[")[2].lower()
            shown = name[:_LONGEST_KEY] if _names_nobody(name) else _shape(name)
            if _SECRET.search(name):
                kept[shown] = _LEFT_OUT
            elif key in _LEAD or (key == "id" and is_lead):
                kept[shown] = self._person(value, depth)
            elif isinstance(value, str) and (
                (key == "id" and (depth == 0 or happened) and _ID.fullmatch(value))
                or (key == "id" and _OURS_MADE.fullmatch(value))
                or (key in _IDS and _ID.fullmatch(value))
                or (key == "policy" and _POLICY.fullmatch(value))
                or (key == "name" and happened and _EVENT.fullmatch(value))
                or (key == "name" and "held" in names and _WORD.fullmatch(value))
                or (key == "value" and "feature" in names and _COUNT.fullmatch(value))
                or (key in _COUNTED and _COUNT.fullmatch(value))
                or (key in _EVENTS and _EVENT.fullmatch(value))
            ):
                kept[shown] = value
            else:
                kept[shown] = self._value(value, key, depth + 1)
        if len(given) > _MOST_KEYS:
            kept["…"] = f"{len(given) - _MOST_KEYS:,} more"
        return kept

    def _person(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):  # a lead by its fields, of which `id` is whose it is
            return self._object(value, depth + 1, is_lead=True)
        if not isinstance(value, str):
            return self._value(value, "", _DEEPEST)
        if _is_text(value):
            self.lead = self.lead or value
        return value if value == self.lead and _ID.fullmatch(value) else _shape(value)

    def _string(self, value: str, key: str) -> str:
        if _TIME.fullmatch(value):
            return value
        if key in self.plain:
            return value
        if key in self.says:
            return self._scrubbed(value)
        if key in _WORDS and _WORD.fullmatch(value):
            return value
        self._hidden.add(value)
        return _shape(value)

    def _scrubbed(self, said: str) -> str:
        for hidden in sorted((h for h in self._hidden if len(h) > 2), key=len, reverse=True):
            said = re.sub(re.escape(hidden), lambda m: _shape(m[0]), said, flags=re.IGNORECASE)
        return _IN_TEXT.sub(lambda found: _shape(found[0]), said)[:300]


_UNREADABLE = object()
NO_JSON = "no JSON"
LARGEST_BODY = 65_536
"""So many bytes of a body are kept until it is masked."""


def _read(told: Any) -> Any:
    if not isinstance(told, bytes):
        return told
    try:
        return json.loads(told)
    except (ValueError, RecursionError):
        return _UNREADABLE


def _unreadable(told: bytes) -> str:
    """What stands for a body that is no JSON, or of which only the beginning is kept."""
    if len(told) >= LARGEST_BODY:
        return f"(too large to be shown: {LARGEST_BODY:,} bytes or more)"
    size = f"{len(told):,} bytes"
    try:
        json.loads(told)
    except json.JSONDecodeError as error:
        return f"({NO_JSON}: {size}; not understood at line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError):
        pass
    return f"({NO_JSON}: {size})"


def _is_text(value: str) -> bool:
    """Whether both stores keep it as it is, so that it may be a lead's id."""
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)


def _names_nobody(key: str) -> bool:
    return "@" not in key and re.search(r"\d{5}", key) is None and len(key) <= _LONGEST_KEY


def _shape(text: str) -> str:
    """Letters as x and digits as 9; what else is ASCII stays."""
    cut = text[:_LONGEST_TEXT]
    shown = "".join(
        ("X" if c.isupper() else "x")
        if c.isalpha()
        else "9"
        if c.isnumeric()
        else c
        if " " <= c <= "~"
        else "x"
        for c in cut
    )
    return shown if cut == text else f"{shown}…"
