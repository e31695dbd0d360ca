"""In which encodings a text that is no UTF-8 may be written, and what it says in each.

No guess is made: "\xd0irket" is "Şirket" in Turkey, "Đirket" in Poland and "Ðirket" elsewhere, so a
person is shown how each encoding reads the file's own words. Stands in for charset-normalizer,
which picks one by the language of a long text, where a header has few words.
"""

from __future__ import annotations

import re
from unicodedata import category, name

_EAST = ("cp932", "gb18030", "big5", "cp949")
_WEST = ("cp1252", "cp1250", "cp1254", "cp1251", "cp1253")
_MOST = 4
_SCRIPTS = {
    "cp932": ("HIRAGANA", "KATAKANA", "CJK"),
    "gb18030": ("CJK",),
    "big5": ("CJK",),
    "cp949": ("HANGUL",),
    "cp1251": ("CYRILLIC",),
    "cp1253": ("GREEK",),
}
"""The letters that a text in one of these has beside those of English."""
_SPOILT_CELL = re.compile(r'[^,;\t"\r\n]*[\udc80-\udcff][^,;\t"\r\n]*')


def advice(raw: bytes) -> str:
    """Which `--encoding` to name for a text, each with what it says there."""
    found = readings(raw)
    if not found:
        return "name its encoding, for example --encoding cp1252"
    told = [f'--encoding {encoding}, with which it reads "{text}"' for encoding, text in found]
    if len(told) == 1:
        return f"name its encoding, for example {told[0]}"
    return "name its encoding, the one with which it reads right: " + "; ".join(told)


def advice_for(spoilt: str, encoding: str) -> str:
    """The advice for a text that was read in an encoding, its other bytes kept as surrogates."""
    cell = _SPOILT_CELL.search(spoilt)
    was = "utf-8" if encoding.startswith("utf") else encoding
    return advice(cell[0].encode(was, "surrogateescape") if cell else b"")


def readings(raw: bytes) -> list[tuple[str, str]]:
    """Encodings that read every byte of a text as a letter or a usual sign, each another text."""
    found: dict[str, str] = {}
    for encoding in (*_EAST, *_WEST):
        try:
            text = raw.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
        if text and text not in found and _is_written(text, encoding):
            found[text] = encoding
    return [(encoding, text) for text, encoding in found.items()][:_MOST]


def _is_written(text: str, encoding: str) -> bool:
    """Whether the letters beside those of English are such as the encoding is for."""
    others = [letter for letter in text if not letter.isascii()]
    scripts = _SCRIPTS.get(encoding)
    if not all(category(letter)[0] in "LMNP" or letter in "€£¥￥ \u3000°" for letter in others):
        return False
    foreign = [letter for letter in others if letter.isalpha()]
    if scripts is None:
        return len(foreign) <= 2 or len(foreign) * 2 <= sum(map(str.isalpha, text))
    mixed = re.search(r"[a-z][^\W\d_a-zA-Z]|[^\W\d_a-zA-Z][a-z]", text)
    return (
        len(foreign) > 1
        and not mixed
        and all(name(letter, "").startswith(scripts) for letter in foreign)
    )
