"""No cell that Giveget writes runs as a formula, and each can be read back."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.files.cells import FORMULA, NUMBER, plain_cell, safe_cell

RUNS = [
    "=1+1",
    "+cmd",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\u00a0=1",
    " =1",
    "＝1",
    "＠x",
    "'=1",
    "\ufeff=1",
]
STAYS = ["-5", "+4.5", "1,234", "Ana", "o'neil", "a=b", "", "'quoted'"]


@pytest.mark.parametrize("text", RUNS)
def test_what_would_run_is_quoted(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", STAYS)
def test_what_would_not_stays(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_every_cell_can_be_read_back(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", [*RUNS, *STAYS])
def test_polars_reads_the_rule_alike(text: str) -> None:
    cells = pl.Series([text])
    runs = (cells.str.contains(FORMULA) & ~cells.str.contains(NUMBER)).item()
    assert runs == (safe_cell(text) != text)
