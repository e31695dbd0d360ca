"""A table in the money, the dates and the layout of any country reads right, or is asked about."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import UTC, datetime, timedelta

import pytest
from babel.dates import format_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.dataset.infer import infer_schema
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.export import read_export
from scoring.leads.lead import Lead

START = datetime(2025, 11, 3, tzinfo=UTC)

_SIGNS = [
    (",", "."),
    (".", ","),
    ("\u00a0", ","),
    ("\u202f", ","),
    ("'", "."),
    ("’", "."),
    ("", "."),
]
_AROUND = [
    "{}",
    "€ {}",
    "{} €",
    "R$ {}",
    "{} kr",
    "CHF {}",
    "{} TL",
    "₹{}",
    "{} zł",
    "{}%",
    "US${}",
]
_NEGATIVE = ["-{}", "({})", "{}-"]
_DATES = [
    ("en", "d MMM yyyy, h:mm a"),
    ("en", "MMMM d, yyyy h:mm a"),
    ("de", "d. MMMM yyyy HH:mm"),
    ("fr", "d MMM yyyy 'à' HH:mm"),
    ("es", "d 'de' MMMM 'de' yyyy HH:mm"),
    ("pt_BR", "EEEE, d 'de' MMMM 'de' yyyy HH:mm"),
    ("tr", "d MMMM yyyy HH:mm"),
    ("pl", "d MMMM yyyy HH:mm"),
    ("ru", "d MMMM yyyy HH:mm"),
    ("ja", "yyyy年M月d日 HH:mm"),
    ("en", "dd.MM.yy HH:mm"),
    ("en", "dd/MM/yyyy HH:mm"),
    ("en", "M/d/yy h:mm a"),
    ("en", "yy/MM/dd HH:mm"),
    ("en", "yyyy.MM.dd HH:mm"),
    ("en", "yyyyMMddHHmm"),
    ("en", "yyyy-MM-dd'T'HH:mm:ssZ"),
]


def grouped(number: int, sign: str, *, in_lakhs: bool) -> str:
    digits = str(number)
    if not in_lakhs:
        return f"{number:,}".replace(",", sign)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(i - 2, 0) : i] for i in range(len(head), 0, -2)][::-1]
    return sign.join([*pairs, tail]) if head else tail


@settings(max_examples=150)
@given(
    cents=st.lists(st.integers(-900_000_000, 900_000_000), min_size=14, max_size=30),
    minutes=st.lists(st.integers(0, 400_000), min_size=30, max_size=30),
    signs=st.sampled_from(_SIGNS),
    around=st.sampled_from(_AROUND),
    negative=st.sampled_from(_NEGATIVE),
    with_cents=st.booleans(),
    in_lakhs=st.booleans(),
    dates=st.sampled_from(_DATES),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    is_packed=st.booleans(),
    with_subtotal=st.booleans(),
)
def test_whatever_a_country_writes_reads_right_or_is_asked_about(
    tmp_path_factory: pytest.TempPathFactory,
    cents: list[int],
    minutes: list[int],
    signs: tuple[str, str],
    around: str,
    negative: str,
    with_cents: bool,
    in_lakhs: bool,
    dates: tuple[str, str],
    encoding: str,
    delimiter: str,
    end: str,
    is_packed: bool,
    with_subtotal: bool,
) -> None:
    def money(amount: int) -> str:
        whole, rest = divmod(abs(amount), 100)
        text = grouped(whole, signs[0], in_lakhs=in_lakhs and signs == (",", "."))
        text = around.format(f"{text}{signs[1]}{rest:02}" if with_cents else text)
        return negative.format(text) if amount < 0 else text

    def meant(amount: int) -> float:
        value = abs(amount) / 100 if with_cents else abs(amount) // 100
        return -value if amount < 0 else value

    times = [START + timedelta(minutes=m) for m in minutes[: len(cents)]]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(["id", "created_at", "amount", "source"])
    for i, (amount, at) in enumerate(zip(cents, times, strict=True)):
        if with_subtotal and i == 10:
            writer.writerow(["Subtotal", "", "12", ""])
        when = format_datetime(at, dates[1], locale=dates[0])
        writer.writerow([f"L{i}", when, money(amount), "fair"])
    path = tmp_path_factory.getbasetemp() / "many.csv"
    content = text.getvalue().encode(encoding)
    path.write_bytes(gzip.compress(content) if is_packed else content)

    try:
        export = read_export(path)
        schema, _ = infer_schema(export, Options(id_column="id", keep=("amount",)))
    except DataError:
        return  # asked about, or refused in a sentence
    assert export.columns["id"] == [f"L{i}" for i in range(len(cents))]
    for i in range(export.rows):
        told = {name: column[i] for name, column in export.columns.items()}
        lead = schema.admit(Lead(id="x", attributes=told))
        assert lead.signed_up_at in (times[i], None)
        for attribute in schema.attributes:
            if attribute.name == "amount" and attribute.kind == "number":
                read = attribute.read(lead.attributes["amount"])
                assert read is None or read == pytest.approx(meant(cents[i]))
    for name in ("created_at", "amount"):
        if (reading := schema.readings.get(name)) is not None and reading.read_as != "category":
            assert not reading.unread, reading.sentence(name, with_examples=True)
