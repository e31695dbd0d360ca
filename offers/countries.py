"""Countries, their zones and their sales region, from the time-zone database that ships with us.

`tzdata` carries `iso3166.tab` (codes) and `zone.tab` (zones of a country).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

REGIONS = ("AMER", "APAC", "EMEA", "LATAM")

_AMER = """US CA BM GL PM"""
_LATAM = """
    AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY HN HT JM KN
    KY LC MF MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI
"""
_APAC = """
    AF AS AU BD BN BT CC CK CN CX FJ FM GU HK HM ID IN IO JP KG KH KI KP KR KZ LA LK MH MM MN
    MO MP MV MY NC NF NP NR NU NZ PF PG PH PK PN PW SB SG TF TH TJ TK TL TM TO TV TW UM UZ VN
    VU WF WS AQ
"""
_REGION = {
    code: region
    for region, codes in (("AMER", _AMER), ("LATAM", _LATAM), ("APAC", _APAC))
    for code in codes.split()
}


@cache
def countries() -> tuple[str, ...]:
    """Every ISO 3166 alpha-2 code, sorted."""
    return tuple(sorted(line.split("\t")[0] for line in _lines("iso3166.tab")))


def region_of(country: str | None) -> str | None:
    """The sales region of a country; every country that is no other region's is EMEA."""
    if country is None or country not in countries():
        return None
    return _REGION.get(country, "EMEA")


def countries_of(region: str) -> tuple[str, ...]:
    """The countries of one sales region."""
    return tuple(code for code in countries() if region_of(code) == region)


@cache
def timezones_of(country: str) -> tuple[str, ...]:
    """The zones of a country, most populous first, as the time-zone database lists them."""
    return _zones().get(country, ())


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in _lines("zone.tab"):
        code, _, zone = line.split("\t")[:3]
        found.setdefault(code, []).append(zone)
    return {code: tuple(zones) for code, zones in found.items()}


def _lines(name: str) -> list[str]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
