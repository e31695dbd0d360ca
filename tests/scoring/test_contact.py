"""Contact reading: hand-checked cases (tests/cases/contact_*.csv) and what always holds."""

from __future__ import annotations

import csv
import string
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scoring.contact import company_domain, list_versions, read_contact, read_country
from scoring.contact.lexicon import lexicon
from scoring.contact.lists import read_list
from scoring.contact.mailbox import read_mailbox
from scoring.contact.record import (
    BUYING_ROLES,
    DEPARTMENTS,
    MAILBOXES,
    PHONE_KINDS,
    SENIORITIES,
    Contact,
)
from scoring.contact.title import read_title
from scoring.contact.words import MAX_TITLE, phrase_of
from scoring.features import BUILT_IN, Moment
from scoring.leads.lead import Lead

CASES = Path(__file__).parent.parent / "cases"
RIGHT = 0.97


def cases(name: str) -> list[dict[str, str]]:
    with (CASES / f"contact_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(**given: str | None) -> Contact:
    return read_contact(**{"email": None, "phone": None, "title": None, "country": None, **given})


def misses(table: str, inputs: dict[str, str], fact: str) -> tuple[list[str], int]:
    """The rows of a table whose `fact` is read otherwise, in words, and the number of rows."""
    rows = cases(table)
    wrong = []
    for row in rows:
        got = getattr(read(**{name: row[column] for name, column in inputs.items()}), fact) or ""
        if got != row[fact]:
            wrong.append(f"{[row[c] for c in inputs.values()]}: {fact} {got}, not {row[fact]}")
    return wrong, len(rows)


@pytest.mark.parametrize(
    ("table", "inputs", "fact"),
    [
        ("mail", {"email": "email"}, "mailbox"),
        ("mail", {"email": "email"}, "domain"),
        ("title", {"title": "title"}, "seniority"),
        ("title", {"title": "title"}, "department"),
        ("phone", {"phone": "phone", "country": "country"}, "phone_kind"),
        ("phone", {"phone": "phone", "country": "country"}, "phone_country"),
        ("phone", {"phone": "phone", "country": "country"}, "phone_e164"),
        ("country", {"country": "text"}, "country"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_of_hand_checked_cases_is_read_right(
    table: str, inputs: dict[str, str], fact: str
) -> None:
    wrong, rows = misses(table, inputs, fact)
    print(f"{fact}: {rows - len(wrong)} of {rows} right", *wrong, sep="\n  ")
    assert len(wrong) <= (1 - RIGHT) * rows, "\n".join(wrong)


def test_the_tables_hold_enough_cases_and_every_word_of_the_vocabularies() -> None:
    mails, titles, phones = cases("mail"), cases("title"), cases("phone")
    assert len(mails) + len(titles) >= 250
    assert {row["mailbox"] for row in mails} == set(MAILBOXES)
    assert {row["seniority"] for row in titles} == set(SENIORITIES)
    assert {row["department"] for row in titles} == set(DEPARTMENTS)
    assert {row["phone_kind"] for row in phones} == set(PHONE_KINDS)


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Founder", "decision_maker"),
        ("CFO", "decision_maker"),
        ("General Manager", "decision_maker"),
        ("Einkaufsleiter", "buyer"),
        ("Accountant", "buyer"),
        ("Head of IT", "evaluator"),
        ("Software Engineer", "evaluator"),
        ("VP Sales", "business_owner"),
        ("Directrice Marketing", "business_owner"),
        ("Copywriter", "user"),
        ("Purchasing Assistant", "user"),
        ("Estagiário", "user"),
        ("asdf", None),
        ("", None),
    ],
)
def test_the_buying_role_follows_seniority_and_department(title: str, role: str | None) -> None:
    assert read(title=title).buying_role == role


def test_every_seniority_and_department_has_a_buying_role() -> None:
    rules = read_list("buying_roles.toml")["rule"]
    named = {name for rule in rules for name in rule.get("seniority", ())}
    assert named == set(SENIORITIES) - {"unknown"}
    assert {rule["role"] for rule in rules} == set(BUYING_ROLES)
    assert {name for rule in rules for name in rule.get("department", ())} <= set(DEPARTMENTS)


@pytest.mark.parametrize("name", ["title_ranks.toml", "title_functions.toml", "title_phrases.toml"])
def test_no_listed_phrase_has_two_meanings(name: str) -> None:
    tables = read_list(name)
    tables.pop("fallback", None)
    found: dict[tuple[str, ...], str] = {}
    for table, languages in tables.items():
        for phrase in (text for texts in languages.values() for text in texts):
            key = phrase_of(phrase)
            assert key, f"{phrase!r} has no word that counts"
            assert len(key) <= 4, f"{phrase!r} is too long to be looked up"
            assert found.setdefault(key, table) == table, f"{phrase!r}: {table} or {found[key]}?"


def test_listed_tables_name_known_seniorities_and_departments() -> None:
    own = {"aide", "intern", "lead", "partner"}
    assert set(read_list("title_ranks.toml")) <= set(SENIORITIES) | own
    functions = read_list("title_functions.toml")
    assert set(functions.pop("fallback")) | set(functions) <= set(DEPARTMENTS)
    for table in read_list("title_phrases.toml"):
        seniority, department = table.split()
        assert seniority in {*SENIORITIES, "aide", "-"}
        assert department in {*DEPARTMENTS, "-"}


@pytest.mark.parametrize(
    "word",
    ["manner", "sector", "sensor", "letter", "liter", "studio", "police", "autonomous", "course"],
)
def test_a_real_word_is_not_taken_for_a_misspelt_title(word: str) -> None:
    assert read_title(word).seniority == "unknown"
    assert read_title(f"{word} manager").department == "unknown"


def test_a_listed_word_never_becomes_another() -> None:
    from scoring.contact.lexicon import resolve

    assert [word for word in lexicon().words if resolve(word) != (word,)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Geschäftsführer", "GESCHAEFTSFUEHRER"),
        ("Geschäftsführer", "geschaftsfuhrer"),
        ("Leiter Einkauf", "Leiter:in Einkauf (m/w/d)"),
        ("Directeur Général", "directrice generale"),
        ("VP of Sales", "V.P. - Sales"),
        ("CEO & Founder", "founder | ceo"),
        ("Responsable de RRHH", "RESPONSABLE RR. HH."),
        ("Chargé de recrutement", "Chargée de Recrutement (H/F)"),
    ],
)
def test_spelling_and_gender_do_not_change_what_a_title_says(one: str, other: str) -> None:
    assert read_title(one) == read_title(other)


@pytest.mark.parametrize(
    ("email", "company", "matches"),
    [
        ("jo@delta-logistics.com", "Delta Logistics", "yes"),
        ("jo@petit-energie.fr", "Petit Énergie SARL", "yes"),
        ("jo@delta-logistics.com", "Nord Foods", "no"),
        ("jo@gmail.com", "Delta Logistics", None),
        ("jo@delta-logistics.com", None, None),
    ],
)
def test_a_mail_domain_matches_its_company_whatever_the_spelling(
    email: str, company: str | None, matches: str | None
) -> None:
    (feature,) = (each for each in BUILT_IN if each.name == "mail_matches_company")
    lead = Lead(id="1", email=email, company=company)
    moment = Moment(lead=lead, contact=read(email=email), counters=None, now=None)
    assert feature.value(moment) == matches


def test_a_national_number_is_read_with_the_country_by_any_of_its_names() -> None:
    for name in ("DE", "Germany", "Deutschland", "Alemania"):
        assert read(phone="0171 2345678", country=name).phone_e164 == "+491712345678"
    assert read(phone="0171 2345678").phone_kind == "invalid"


def test_what_is_missing_is_missing_and_not_invalid() -> None:
    nothing = read()
    assert (nothing.mailbox, nothing.phone_kind) == ("missing", "missing")
    assert (nothing.seniority, nothing.department) == ("unknown", "unknown")
    assert (nothing.domain, nothing.phone_country, nothing.buying_role) == (None, None, None)


def test_an_artifact_can_record_the_lists_it_was_made_with() -> None:
    versions = list_versions()
    assert versions["phonenumberslite"]
    assert len(versions["title_ranks.toml"]) == 12
    assert len(versions["mail_free.txt"]) == 12


hostile = st.one_of(
    st.none(),
    st.text(max_size=80),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Zs", "Po"]), max_size=40),
    st.text(alphabet=string.ascii_letters + " ,/&()-.@+0123456789äéß", max_size=60),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.just(10_000)),
    st.sampled_from(["\x00", "\ud800", "a@\ud800.com", "\x00@\x00", "a@xn--.com", "<<>>", "@@@"]),
)


@given(email=hostile, phone=hostile, title=hostile, country=hostile)
@settings(max_examples=300)
def test_no_text_makes_reading_fail_and_every_fact_is_of_its_vocabulary(
    email: str | None, phone: str | None, title: str | None, country: str | None
) -> None:
    contact = read_contact(email=email, phone=phone, title=title, country=country)
    assert contact.mailbox in MAILBOXES
    assert contact.phone_kind in PHONE_KINDS
    assert contact.seniority in SENIORITIES
    assert contact.department in DEPARTMENTS
    assert contact.buying_role in {*BUYING_ROLES, None}
    assert contact.country is None or len(contact.country) == 2
    assert contact == read_contact(email=email, phone=phone, title=title, country=country)


@given(
    local=st.text(alphabet="abcxyz019._-", min_size=1, max_size=12),
    domain=st.sampled_from(["acme.com", "gmail.com", "yopmail.com", "ox.ac.uk", "bmf.gv.at"]),
    tag=st.text(alphabet="abcxyz019", min_size=1, max_size=8),
)
def test_a_tag_and_the_case_do_not_change_the_kind(local: str, domain: str, tag: str) -> None:
    plain = read_mailbox(f"{local}@{domain}")
    if plain.kind != "invalid":
        assert read_mailbox(f"{local}+{tag}@{domain}") == plain
    assert read_mailbox(f"{local}@{domain}".upper()) == plain


@given(st.text(alphabet=string.ascii_letters + string.digits + "äöü.+-_' @", max_size=30))
def test_a_local_part_is_valid_exactly_when_email_validator_says_so(local: str) -> None:
    from email_validator import EmailNotValidError, validate_email

    assume(" " not in local.strip(" '"))  # there a name stands before an address
    address = f"{local}@acme.com"
    bare = address.strip(" '").lower()
    try:
        validate_email(bare, check_deliverability=False)
        valid = True
    except EmailNotValidError:
        valid = False
    assert (read_mailbox(address).kind != "invalid") == valid


@given(st.sampled_from(cases("title")), st.sampled_from([" ", "  ", "\t", "\u00a0"]))
@example({"title": "C F O"}, "\t")
def test_space_and_case_do_not_change_a_title(case: dict[str, str], space: str) -> None:
    title = case["title"].replace("LeiterIn", "Leiterin").replace(" - ", ", ")
    changed = read_title(space + title.lower().replace(" ", space) + space)
    assert changed == read_title(title)


def test_a_long_title_is_read_from_its_beginning() -> None:
    assert read_title("Head of IT " + "x" * 10_000).seniority == "head"
    assert read_title("x" * MAX_TITLE + " Head of IT").seniority == "unknown"


def test_a_country_is_read_from_its_code_in_any_case() -> None:
    assert read_country("de") == read_country("DE") == read_country(" De ") == "DE"
    assert read_country(None) is None
    assert read_country("") is None


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        ("www.acme.com", "acme.com"),
        ("https://acme.com/about", "acme.com"),
        ("HTTPS://www.Acme.com:8443?from=mail@other.com", "acme.com"),
        ("https://shop.acme.co.uk:8443?a=b", "acme.co.uk"),
        ("//acme.com#top", "acme.com"),
        ("info@acme.com", "acme.com"),
        ("mailto:Info@ACME.com", "acme.com"),
        ("ACME.com ", "acme.com"),
        ("acme.com.", "acme.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("http://MÜNCHEN.de/", "xn--mnchen-3ya.de"),
        ("", None),
        ("Acme", None),
        ("Acme Inc.", None),
        ("acme.com and others", None),
        ("192.168.0.1", None),
        ("gmail.com", None),
        ("bob@gmail.com", None),
    ],
)
def test_a_companys_domain_is_read_from_what_people_write(text: str, domain: str | None) -> None:
    assert company_domain(text) == domain
    if domain is not None:
        assert (
            read_contact(email=f"a@{domain}", phone=None, title=None, country=None).account
            == domain
        )


@given(st.text(max_size=80))
def test_a_companys_domain_is_itself_whatever_is_written(text: str) -> None:
    domain = company_domain(text)
    assert domain is None or company_domain(domain) == domain
