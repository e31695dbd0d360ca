"""Who converted: which values of the target column count as converted, as not, as undecided.

Values are compared as people mean them: "yes", "YES" and "Yes" are one value, and so are 1 and
1.0. How many rows of which value count as what is always said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.headings import tells_outcome
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.reading import AS_IT_IS, evidence_of
from scoring.files.times import read_time
from scoring.files.values import as_boolean, as_category, as_number, present
from scoring.leads.lead import Value

Side = Literal["converted", "not converted", "open"]

_CONVERTED = frozenset({"1", "yes", "true", "y", "t", "converted", "won", "closed won", "paid"})
_MAYBE_OPEN = frozenset(
    {"open", "new", "pending", "working", "in progress", "qualified", "negotiation", "proposal"}
    | {
        "prospecting",
        "qualification",
        "needs analysis",
        "proposal/price quote",
        "discovery",
        "demo",
    }
    | {"negotiation/review", "contacted", "nurturing", "in bearbeitung", "verhandlung", "angebot"}
    | {"trial", "trialing", "active", "offen", "ouvert", "en cours", "abierto", "aberto"}
    | {"appointment scheduled", "qualified to buy", "presentation scheduled", "contract sent"}
    | {"decision maker bought-in", "contact made", "demo scheduled", "proposal made"}
    | {"negotiations started", "open - not contacted", "working - contacted", "not contacted"}
    | {"attempted to contact", "contact in future", "pre-qualified", "lead", "opportunity"}
    | {"marketing qualified lead", "sales qualified lead", "subscriber", "value proposition"}
    | {"id. decision makers", "perception analysis", "neu", "in arbeit", "kontaktiert", "nouveau"}
    | {
        "qualifiziert",
        "nouvelle",
        "qualifié",
        "proposition",
        "négociation",
        "contacté",
        "à qualifier",
    }
    | {"nuevo", "nueva", "calificado", "propuesta", "negociación", "en progreso", "contactado"}
    | {"novo", "nova", "qualificado", "qualificação", "proposta", "negociação", "em andamento"}
)
_WON = frozenset(
    {"won", "win", "gewonnen", "gagné", "gagnée", "ganado", "ganada", "ganho", "ganha"}
    | {"vinto", "vinta", "wygrana", "wygrane", "wygrany", "kazanıldı", "vunnet", "vundet"}
    | {"vunnen", "voitettu", "成約"}
)
_LOST = frozenset(
    {"lost", "loss", "not", "no", "never", "dead", "closed", "junk", "unqualified", "rejected"}
    | {"disqualified", "refused", "cancelled", "canceled", "churned", "stalled", "inactive"}
    | {"duplicate", "spam", "invalid", "false", "nok", "verloren", "nicht", "nein", "kein"}
    | {"abgelehnt", "storniert", "perdu", "perdue", "perdus", "non", "refusé", "annulé"}
    | {"abandonné", "perdido", "perdida", "rechazado", "cancelado", "cancelada", "descartado"}
    | {"descartada", "recusado", "não", "perso", "persa", "przegrana", "przegrane", "przegrany"}
    | {"kaybedildi", "tapt", "tabt", "förlorad", "hävitty", "失注"}
)
"""Words of a stage that a deal was won in, and of one it ended in otherwise."""
_DATED, _NEVER = "a date", "no date"
_SHOWN = 5
_ORDERS = ("day first", "month first")
_COMMA = re.compile(r"^([01]),0{1,2}$")
"""One and nought as a spreadsheet with decimal commas writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`y` is 0/1 of shape (rows,); `is_open` marks the rows that are neither yet.

    `counts` holds, for each value as it is most often written, its rows and what they count as.
    """

    column: str
    y: NDArray[np.int64]
    is_open: NDArray[np.bool_]
    counts: tuple[tuple[str, int, Side], ...]

    def sentences(self) -> list[str]:
        """What each value counts as, with its rows; and a hint at values that seem undecided."""
        parts = [
            f"{side}: " + ", ".join(f"{value} ({n:,})" for value, n, s in self.counts if s == side)
            for side in ("converted", "not converted", "open")
            if any(s == side for _, _, s in self.counts)
        ]
        said = [f'"{self.column}" is read as {"; ".join(parts)}']
        if any(side == "open" for _, _, side in self.counts):
            said[0] += " (left out, neither is known yet)"
        failed = [value for value, _, side in self.counts if side == "not converted"]
        knows_lost = any(_words(value) & _LOST for value in failed)
        for value in failed:
            words = _words(value)
            if words & _WON and not words & (_LOST - {"closed"}):
                said.append(
                    f'"{value}" counts as not converted; if such a lead converted too, say so with '
                    f'--positive "{value}"'
                )
            elif _key(value) in _MAYBE_OPEN or (knows_lost and not words & _LOST):
                said.append(
                    f'"{value}" counts as not converted; if such a lead is still undecided, leave '
                    f'it out with --open "{value}"'
                )
        return said


def _words(value: str) -> set[str]:
    return set(re.split(r"[\W_]+", value.casefold()))


def read_target(
    export: Export,
    column: str,
    positive: Collection[str] = (),
    negative: Collection[str] = (),
    undecided: Collection[str] = (),
) -> Target:
    """The target column with what its values mean.

    Without `positive` the one usual word for converted decides; where the column says when a lead
    converted, whoever has a date did. Raises `DataError` when the
    column is missing, has gaps, holds a value that no option names although `negative` is given,
    or has one class only.
    """
    read = read_outcome(export, column, positive, negative, undecided)
    decided = read.y[~read.is_open]
    if not len(decided) or decided.min() == decided.max():
        every = "open" if not len(decided) else "converted" if decided[0] else "not converted"
        raise DataError(f'"{column}" has one class only: every lead is {every}; a model needs both')
    return read


def held(export: Export, column: str, values: Collection[str]) -> tuple[str, ...]:
    """Those of some values that a target column holds, in whichever spelling."""
    cells = export.column(column, "--target")
    spelling = _spellings(cells, [_key(cell) for cell in cells])
    return tuple(value for value in values if _among(spelling, value) in spelling)


def read_outcome(
    export: Export,
    column: str,
    positive: Collection[str] = (),
    negative: Collection[str] = (),
    undecided: Collection[str] = (),
    *,
    option: str = "--target",
    empty_is_open: bool = False,
) -> Target:
    """The same of any column that an option names, which may hold one class only."""
    cells = export.column(column, option)
    if not (positive or negative or undecided) and _are_times(export, column):
        if tells_outcome(column) != "time":
            raise DataError(
                f'"{column}" holds dates; if whoever has one converted, call the column '
                "converted_at, else name a column that says who did"
            )
        cells = [_NEVER if present(cell, ()) is None else _DATED for cell in cells]
        positive = (_DATED,)
    keys = [_key(value) for value in cells]
    if empty_is_open and "" in keys:
        undecided = (*undecided, "")
    spelling = _spellings(cells, keys)
    sides = _sides(
        column, spelling, {"--positive": positive, "--negative": negative, "--open": undecided}
    )
    for row, key in enumerate(keys):
        if key not in sides:
            written = f' ("{cells[row]}")' if cells[row] not in (None, "") else ""
            raise DataError(
                f'{export.path.name}, {export.where(row)}: "{column}" is empty{written}; leave '
                'leads without an outcome out with --open "", count them as not converted with '
                f'--negative "", or name another {option}'
            )
    counted = Counter(keys)
    order = sorted(counted, key=lambda key: (-counted[key], key))
    return Target(
        column=column,
        y=np.array([sides[key] == "converted" for key in keys], dtype=np.int64),
        is_open=np.array([sides[key] == "open" for key in keys], dtype=np.bool_),
        counts=tuple((spelling[key], counted[key], sides[key]) for key in order),
    )


def _are_times(export: Export, column: str) -> bool:
    """Whether a column's cells are dates, such as of when leads converted."""
    if tells_outcome(column) == "time":
        return evidence_of(export, (), AS_IT_IS, [column]).time_form(column) is not None
    found = {cell for cell in export.columns[column] if present(cell, ()) is not None}
    return len(found) > _SHOWN and all(
        isinstance(cell, str) and any(read_time(cell.strip(), form) for form in _ORDERS)
        for cell in found
    )


def _key(value: Value) -> str:
    """The one spelling a value is compared by; empty where nothing is given."""
    text = _COMMA.sub(r"\1", (as_category(present(value, ())) or "").casefold())
    number = as_number(text)
    return f"{number:g}" if number is not None else " ".join(text.split())


def _spellings(cells: Sequence[Value], keys: Sequence[str]) -> dict[str, str]:
    """For each compared value, how the file writes it most often."""
    written: dict[str, Counter[str]] = {}
    for cell, key in zip(cells, keys, strict=True):
        written.setdefault(key, Counter())[str(as_category(present(cell, ())) or "empty")] += 1
    return {key: counts.most_common(1)[0][0] for key, counts in written.items()}


def _sides(
    column: str, spelling: dict[str, str], options: dict[str, Collection[str]]
) -> dict[str, Side]:
    """What every value counts as."""
    sides: dict[str, Side] = {}
    given: dict[str, Side] = {
        "--positive": "converted",
        "--negative": "not converted",
        "--open": "open",
    }
    for option, values in options.items():
        for value in values:
            key = _among(spelling, value)
            if key not in spelling:
                raise DataError(
                    f'"{column}" never holds the {option} value given; '
                    f"it holds {_listed(spelling.values())}"
                )
            if sides.setdefault(key, given[option]) != given[option]:
                raise DataError(f'"{value}" is named by two of {", ".join(given)}; name it once')
    rest = sorted(key for key in spelling if key not in sides and key)
    if not options["--positive"]:
        usual = [key for key in rest if key in _CONVERTED or as_boolean(key) == "yes"]
        usual = usual or _won_beside_lost(rest)
        others = [key for key in rest if key not in usual]
        if len(usual) > 1 or len(others) > 1:
            raise DataError(
                f'"{column}" holds {_listed(spelling.values())}; '
                "say which value means converted with --positive"
            )
        sides |= dict.fromkeys(usual, "converted")
        rest = others
    if rest and options["--negative"]:
        raise DataError(
            f'"{column}" also holds {_listed(spelling[key] for key in rest)}, which neither '
            "--positive nor --negative names; name each with --positive, --negative or --open"
        )
    return sides | dict.fromkeys(rest, "not converted")


def _won_beside_lost(keys: Sequence[str]) -> list[str]:
    """Of two stages the one that says won, where the other says lost and neither says both."""
    lost = {key for key in keys if _words(key) & (_LOST - {"closed"})}
    won = {key for key in keys if _words(key) & _WON}
    return [*won] if len(keys) == 2 and len(won) == len(lost) == len(won - lost) == 1 else []


def _among(spelling: Collection[str], value: str) -> str:
    """The key of a value that an option names: itself, else the one yes or no it stands for."""
    key, answer = _key(value), as_boolean(value)
    same = [known for known in spelling if answer is not None and as_boolean(known) == answer]
    return same[0] if key not in spelling and len(same) == 1 else key


def _listed(values: Iterable[str]) -> str:
    every = sorted(values)
    return ", ".join(every[:_SHOWN]) + (" …" if len(every) > _SHOWN else "")
