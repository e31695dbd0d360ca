"""Where in a file its table is: the delimiter, title lines above the header, totals below.

Stands in for `csv.Sniffer`, which takes any letter for a delimiter and fails on quoted text, and
for clevercsv, which weighs every sign of a file for seconds; four signs are in use.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from scoring.errors import DataError
from scoring.files.numbers import DECIMALS, read_number

DELIMITERS = ",;\t|"
SAMPLE_LINES = 200
_SAMPLE_LETTERS = 1 << 18
MOST_COLUMNS = 5_000
FOOTER_ROWS = 8
"""How many rows at the end may be totals and remarks."""
_MOST_TITLES = 20
_SEP = re.compile(r"""\ufeff?["']?sep=(?P<sign>.)["']?\s*""", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*%?")
_TOTALS = re.compile(
    r"(?:grand |sub|general |overall )?totals?\b|sum\b|summe\b|gesamt\w*|insgesamt|zwischensumme|"
    r"total(?:e|es|aux)?\b|sous-total|suma\b|soma\b|total geral|count\b|anzahl\b|average\b|"
    r"mittelwert|durchschnitt|moyenne|promedio|media\b|(?:genel |ara )?toplam\b|totaa?le?\b|"
    r"totalt\b|summa\b|razem\b|итого|всего|合計|総計|小計|总计|合计|합계",
    re.IGNORECASE,
)
_TOTALS_ONLY = re.compile(
    rf"(?:{_TOTALS.pattern}|m[ií]nim(?:um|o)|m[aá]xim(?:um|o)|median[ae]?|mean|médiane|"
    r"std\.?(?: ?dev\.?)?|avg\.?)(?:\s*[:(].*)?",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r".+\([0-9.,]+\s+(?:rows?|records?|items?|datens[aä]tze?|zeilen|enregistrements?|lignes?|"
    r"registros?|filas?|linhas?)\)",
    re.IGNORECASE,
)
"""What a report writes above the rows of a group: "Ann Rep (54 records)"."""
_UNIT = re.compile(r"\[[^\]]*[^\W\d][^\]]*\]|\([^)]*[^\W\d][^)]*\)")
"""What stands below a heading of its unit: "[m²]", "(TT.MM.JJJJ)"."""
_RULE_SIGNS = ":-=+ "
_RULE = re.compile(r"\s*:?[-=+]{2,}:?\s*")
"""What Markdown and databases draw below a header."""
_REMARK = re.compile(
    r"\(?[0-9.,]+\s+(?:rows?|records?|zeilen|datens[aä]tze?|lignes?|filas?|registros?|linhas?|"
    r"leads?|contacts?|deals?|accounts?|companies|opportunities|results?|entries|users|people|"
    r"kontakte|firmen|einträge|ergebnisse|contactos|contatos|resultados|résultats|clients)|"
    r"(?:generated|exported|created|printed|report|as of|confidential|copyright|page|end of|"
    r"erstellt|exportiert|stand|vertraulich|seite|export|généré|exporté|confidentiel|généré|"
    r"generado|exportado|confidencial|gerado|source|quelle|fuente|fonte|records|©|"
    r"(?:applied |active |angewandte )?filte?re?[sn]?(?: applied)?\s*:|filtros?\s*:|"
    r"filtered by|gefiltert|filtré)(?:\b|\s)",
    re.IGNORECASE,
)


def named_delimiter(line: str) -> str | None:
    """The delimiter that Excel's line `sep=;` names, if this is one."""
    found = _SEP.fullmatch(line)
    return None if found is None else found["sign"]


def first_lines(lines: Iterable[str]) -> list[str]:
    """The lines at the top that are looked at; no more of them than are worth holding."""
    kept: list[str] = []
    letters = 0
    for line in islice(lines, SAMPLE_LINES):
        kept.append(line)
        letters += len(line)
        if letters > 4 * _SAMPLE_LETTERS:
            break
    return kept


def first_letters(lines: Sequence[str]) -> list[str]:
    """As many of the lines as tell how a file is laid out; of very long ones, few."""
    kept: list[str] = []
    for line in lines:
        if kept and sum(map(len, kept)) + len(line) > _SAMPLE_LETTERS:
            break
        kept.append(line)
    return kept


def find_delimiter(lines: Sequence[str]) -> str:
    """The sign that gives the most lines one length; the header's own signs do not count more."""
    return max(DELIMITERS, key=lambda sign: _consistency(lines, sign))


def _consistency(lines: Sequence[str], sign: str) -> tuple[float, int, int]:
    records = [record for record in records_of(lines, sign) if record]
    widths = Counter(len(record) for record in records)
    width, rows = max(widths.items(), key=lambda entry: (entry[1], entry[0]), default=(1, 0))
    if width < 2:
        return 0.0, 0, 0
    clean = sum(
        _NUMBER.fullmatch(cell) is not None or not any(d in cell for d in DELIMITERS)
        for record in records
        for cell in record
    )
    return rows / len(records), clean, width


def records_of(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """The records of some lines; the last may be cut off."""
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def title_rows(records: Sequence[Sequence[str]]) -> int:
    """How many records at the top are no header: a title, a date of export, empty lines."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    full = [count for count in filled if count]
    if not full:
        return 0
    width = Counter(full).most_common(1)[0][0]
    for row, count in enumerate(filled[:_MOST_TITLES]):
        if count <= max(1, width // 2) and count < width:
            continue
        header = records[row]
        if row and any(_NUMBER.fullmatch(cell.strip()) for cell in header):
            return 0
        return row + 1 if _names_groups(records[row:]) else row
    return 0


def _names_groups(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record only names groups of columns ("Contact,,,Deal,") and the second is
    the header: whole, each name once, without digits, where below stand numbers or dates."""
    filled = [[cell.strip() for cell in record] for record in records if any(record)]
    if len(filled) < 3:
        return False
    groups, names, *rows = filled
    return (
        len(names) == len(groups)
        and not all(groups)
        and all(names)
        and len(set(names)) == len(names)
        and not any(_has_digit(name) for name in names)
        and any(
            sum(_has_digit(row[at]) for row in rows if at < len(row)) > 0.8 * len(rows)
            for at in range(len(names))
        )
    )


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


@dataclass(slots=True)
class AmidLeads:
    """Tells the rows amid the leads of a file that are none, and counts them."""

    file: str
    header: Sequence[str]
    _names: frozenset[str] = field(init=False)
    _found: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The first line and the rows of each kind."""

    def __post_init__(self) -> None:
        self._names = frozenset(filter(None, self.header))

    def leaves_out(self, line: int, cells: Sequence[str]) -> bool:
        """Whether this row is no lead.

        Raises `DataError` for the header of another export: what stands below it has its order.
        """
        if cells[0].strip() in self._names and self._is_other_header(cells):
            raise DataError(
                f"{self.file}, line {line}: here another header begins, with other columns or in "
                "another order; keep what stands below it in a file of its own"
            )
        why = _amid_leads(cells, self.header)
        if why is None:
            return False
        first, rows = self._found.get(why, (line, 0))
        self._found[why] = first, rows + 1
        return True

    def _is_other_header(self, cells: Sequence[str]) -> bool:
        filled = [cell.strip() for cell in cells if cell.strip()]
        known = sum(cell in self._names for cell in filled)
        is_same = [cell.strip() for cell in cells] == list(self.header)
        return len(filled) > 2 and 2 * known > len(filled) and not is_same

    def notes(self) -> list[str]:
        """What was left out, in words; rows of empty cells are not worth one."""
        return [
            f"line {first} {f'and {rows - 1:,} more are' if rows > 1 else 'is'} left out: {why}"
            for why, (first, rows) in self._found.items()
            if why
        ]


def _amid_leads(cells: Sequence[str], header: Sequence[str]) -> str | None:
    """What makes a row amid the leads none, empty for empty cells; `None` for a lead.

    A firm may be called Total, so a subtotal has an empty cell and no other text.
    """
    first = next(filter(None, cells), "")
    if not first:
        return ""
    if cells[0].strip() == header[0] and [cell.strip() for cell in cells] == list(header):
        return "the header again"
    if first[0] in _RULE_SIGNS and all(_RULE.fullmatch(cell) for cell in cells if cell.strip()):
        return "a line of dashes"
    if "" not in cells or (first[-1].isdigit() and ":" not in first):
        return None  # most rows: no word for a total ends so
    filled = [cell.strip() for cell in cells if cell.strip()]
    if filled and _TOTALS_ONLY.fullmatch(filled[0]) and all(map(_is_amount, filled[1:])):
        return "a subtotal"
    if len(filled) == 1 and len(cells) > 2 and _GROUP.fullmatch(filled[0]):
        return "the name of a group"
    if len(filled) > 1 and all(map(_UNIT.fullmatch, filled)):
        return "the units of the columns"
    return None if filled else ""


def _is_amount(text: str) -> bool:
    return any(read_number(text, decimal) is not None for decimal in DECIMALS) or bool(
        _NUMBER.fullmatch(text) or _TOTALS_ONLY.fullmatch(text)
    )


def footer(cells: Sequence[str], width: int, *, after_gap: bool) -> str | None:
    """What makes a row at the end no lead, as a word for people; `None` where nothing does."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    first = filled[0] if filled else ""
    if not filled:
        return "empty cells"
    if (
        _TOTALS.match(first)
        and len(first) <= 40
        and (not cells[0].strip() or cells[0].strip() == first)
    ):
        return "totals"
    if len(filled) <= max(1, width // 3) and (
        _REMARK.match(first) or (after_gap and len(cells) != width)
    ):
        return "a remark"
    return None
