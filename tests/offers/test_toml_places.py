"""Where keys and values of a TOML text stand."""

from __future__ import annotations

import tomllib

import pytest

from offers.toml_positions import Places

TEXT = '''# a comment [no]
[policy]
id = "x" # another
"quoted key" = 'a'
a.b = 1
empty = ""
[price_book.business]
list = 2480
[[rule]]
id = "r1"
get = { seats = 100, pay_by = { by = "x,]}", min_days = 3 } }
[[rule]]
when = """
lane == \\"off\\" \\
   and \\u0041x"""
list = [1, { a = 2 }, "x,]",
  [3]]
[rule.sub]
q = 2026-12-31
[[rule]]
literal = \'\'\'
it's\'\'\'
'''


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("policy",), (2, 1), (2, 1)),
        (("policy", "id"), (3, 1), (3, 6)),
        (("policy", "quoted key"), (4, 1), (4, 16)),
        (("policy", "a", "b"), (5, 1), (5, 7)),
        (("policy", "empty"), (6, 1), (6, 9)),
        (("price_book", "business", "list"), (8, 1), (8, 8)),
        (("rule", 0), (9, 1), (9, 1)),
        (("rule", 0, "get", "pay_by", "min_days"), (11, 46), (11, 57)),
        (("rule", 1, "when"), (13, 1), (13, 8)),
        (("rule", 1, "list", 1, "a"), (16, 14), (16, 18)),
        (("rule", 1, "list", 3, 0), (17, 4), (17, 4)),
        (("rule", 1, "sub", "q"), (19, 1), (19, 5)),
        (("rule", 2, "literal"), (21, 1), (21, 11)),
        (("rule", 2, "absent"), (20, 1), (20, 1)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_a_key_and_its_value_are_found(
    path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    places = Places(TEXT)
    assert places.of_key(path) == key
    assert places.of_value(path) == value


def test_a_character_of_a_string_is_found_through_escapes_and_line_ends() -> None:
    places = Places(TEXT)
    when = tomllib.loads(TEXT)["rule"][1]["when"]
    path = ("rule", 1, "when")
    assert places.of_character(path, when.index("lane")) == (14, 1)
    assert places.of_character(path, when.index("off")) == (14, 11)
    assert places.of_character(path, when.index("and")) == (15, 4)
    assert places.of_character(path, when.index("A")) == (15, 8)
    assert places.of_character(path, when.index("x")) == (15, 14)
    assert places.of_character(path, 10_000) == (15, 15)
