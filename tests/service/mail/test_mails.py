"""Every mail in every language: words, numbers, form; each goes through a real server."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from offers.money import Money
from offers.terms import DEEDS, GETS, GIVES
from service.mail.lint import complaints, hollow
from service.mail.locales import locale_of, tongue_names
from service.mail.mime import build_message
from service.mail.render import asks_for_consent, email_names, is_a_report, offer_mails, render
from service.mail.samples import NUMBER, Sample, sample
from service.use_cases.offers.replies import REASONS

EVERY = [(email, name) for email in sorted(email_names()) for name in tongue_names()]
DKIM = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
ISSUE = {
    "pay-the-year",
    "extra-months",
    "extra-seats",
    "longer-trial",
    "currency-fell",
    "partner-site",
    "partner-campaign",
    "defer-payment",
    "win-back",
    "rep-introduction",
    "offer-reminder",
}


class Kept:
    """What a real SMTP server took."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[EmailMessage, bytes]] = {}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content
        assert isinstance(raw, bytes)
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken[str(message["X-Sample"] or message["Message-ID"])] = (message, raw)
        return "250 taken"


def message_id(email: str, name: str) -> str:
    return f"<{email}.{name}@giveget.example>"


def built(email: str, name: str, **more: Any) -> tuple[Sample, Any]:
    made = sample(email, name, **more)
    message = build_message(
        made.letter,
        sender_name='Inês "Nes" Duarte',
        sender_address="ines@giveget.example",
        reply_to="inês.duarte@müller.example",
        recipient="beatrice@large.example",
        message_id=message_id(email, name),
        at=message_date(),
        unsubscribe_url=str(made.context["unsubscribe_url"]),
    )
    return made, message


def message_date() -> Any:
    return parsedate_to_datetime("Mon, 16 Nov 2026 09:00:00 +0000")


@pytest.fixture(scope="module")
def received() -> Iterator[dict[str, tuple[EmailMessage, bytes]]]:
    """Every mail, sent in one go to a real SMTP server."""
    handler = Kept()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()

    async def send_all() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        async with client:
            for email, name in EVERY:
                _, message = built(email, name)
                await client.sendmail(message.sender_address, [message.recipient], message.raw)

    asyncio.run(send_all())
    yield handler.taken
    controller.stop()


@pytest.mark.parametrize(("email", "name"), EVERY)
def test_a_mail_arrives_whole_at_a_real_server(
    received: dict[str, tuple[EmailMessage, bytes]], email: str, name: str
) -> None:
    made = sample(email, name)
    message, raw = received[message_id(email, name)]

    assert [len(message.get_all(header, [])) for header in DKIM] == [1] * len(DKIM)
    assert message.defects == []
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    sender: Address = message["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ('Inês "Nes" Duarte', "ines@giveget.example")
    assert b"\r\nReply-To: " + "inês.duarte@xn--mller-kva.example".encode() + b"\r\n" in raw
    assert message["Subject"] == made.letter.subject
    assert parsedate_to_datetime(str(message["Date"])) == message_date()
    assert message["List-Unsubscribe"] == f"<{made.context['unsubscribe_url']}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())  # type: ignore[attr-defined]
    assert text.replace("\r\n", "\n").rstrip() == made.letter.text.rstrip()
    assert html.replace("\r\n", "\n").rstrip() == made.letter.html.rstrip()
    assert len(html.encode()) <= 102 * 1024


@pytest.mark.parametrize(("email", "name"), EVERY)
def test_a_mail_says_what_it_must_and_nothing_hollow(email: str, name: str) -> None:
    made = sample(email, name)
    letter, context = made.letter, made.context

    assert complaints(letter, context, made.tongue) == []
    assert not re.search(r" [;:?!%]", letter.text)  # a line never begins with a mark
    assert f'lang="{name}"' in letter.html
    assert "prefers-color-scheme: dark" in letter.html
    assert "<link" not in letter.html
    assert "src=" not in letter.html
    for part in (letter.text, letter.html):
        assert not re.search(r"[{}\[\]]{2}|[{\[]%|None|Undefined", part.split("</style>")[-1])
        links = set(re.findall(r"https://giveget\.example[^\s\"<>]*", part))
        has_button = made.terms is not None or asks_for_consent(email) or is_a_report(email)
        assert links == {str(context["unsubscribe_url"])} | (
            {str(context["offer_url"])} if has_button else set()
        )


@pytest.mark.parametrize(("email", "name"), [pair for pair in EVERY if pair[0] in offer_mails()])
def test_amounts_and_end_are_the_offers_own_in_the_readers_form(email: str, name: str) -> None:
    made = sample(email, name)
    assert made.terms is not None
    quote, tongue = made.terms.quote, made.tongue
    assert quote is not None
    renewal = tongue.money(Money(minor=quote.renewal_minor, currency=quote.currency))
    net = tongue.money(Money(minor=quote.net_minor, currency=quote.currency))
    priced = any(give.changes_price for give in made.terms.give_terms())
    digits = re.sub(r"\D", "", net)

    assert digits == str(quote.net_minor)
    for part in (made.letter.text, made.letter.html.replace("&nbsp;", "\u00a0")):
        assert renewal in part
        assert (net in part) is (priced or net == renewal)
        assert str(NUMBER) in part
        assert str(made.context["ends"]) in part
    days = {
        "en": "30 November",
        "es": "30 de noviembre",
        "pt-BR": "30 de novembro",
        "de": "30. November",
        "fr": "30 novembre",
    }
    assert days[name] in made.letter.text
    assert {"pt-BR": "horário de São Paulo"}.get(name, "23:59") in (made.letter.text)


def test_the_mails_of_the_issue_ship_and_each_speaks_every_language() -> None:
    assert email_names() >= ISSUE
    assert tongue_names() == ("de", "en", "es", "fr", "pt-BR")


@pytest.mark.parametrize("name", tongue_names())
def test_every_catalogue_has_the_same_words_and_its_plural_forms(name: str) -> None:
    english, other = locale_of("en"), locale_of(name)
    forms = other.locale.plural_form.tags | {"other"}

    for table, words in english.words.items():
        if table == "numbers":
            assert len(other.words[table]) == len(words)
            continue
        assert set(other.words[table]) == set(words), table
        for key, text in words.items():
            said = other.words[table][key]
            if isinstance(text, dict):
                assert {"one", "other"} <= set(said) <= forms, key
                said, text = said["other"], text["other"]
            places = set(re.findall(r"\{(\w+)\}", said)) - {"word", "n"}
            assert places == set(re.findall(r"\{(\w+)\}", text)) - {"word", "n"}, key
    assert set(other.words["gives"]) == set(GIVES)
    said = {"in_time", "within"}
    assert set(other.words["gets"]) == set(GETS) - {"pay_by", "pay_within_days"} | said
    assert set(other.words["how"]) == DEEDS
    assert list(other.words["reasons"]) == list(REASONS)


@pytest.mark.parametrize(
    ("name", "one", "many", "million"),
    [
        ("en", "one extra month", "three extra months", "1,000,000 or more seats"),
        ("de", "ein Monat zusätzlich", "drei Monate zusätzlich", "mindestens 1.000.000 Lizenzen"),
        ("fr", "un mois offert", "trois mois offerts", "au moins 1 000 000 de licences"),
        ("es", "un mes adicional", "tres meses adicionales", "al menos 1.000.000 de licencias"),
        ("pt-BR", "um mês extra", "três meses extras", "pelo menos 1.000.000 de licenças"),
    ],
)
def test_plural_rules_are_the_languages_own(name: str, one: str, many: str, million: str) -> None:
    tongue = locale_of(name)
    seats = tongue.say("gets.seats", n=1_000_000).replace("\u00a0", " ")

    assert tongue.say("gives.extra_months", n=1) == one
    assert tongue.say("gives.extra_months", n=3) == many
    assert seats == million


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("pt_BR", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("de-CH", "de"),
        ("fr-CA", "fr"),
        ("es-419", "es"),
        ("EN-gb", "en"),
        ("ja", "en"),
        ("", "en"),
        (None, "en"),
        ("x" * 900, "en"),
        ("../../x", "en"),
        ("de-de-u-co-phonebk", "de"),
        ("zz-ZZ", "en"),
    ],
)
def test_a_locale_finds_its_language_and_nonsense_finds_english(tag: str | None, name: str) -> None:
    assert locale_of(tag).name == name


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("en", "I hope this finds you well, Ada."),
        ("en", "Just checking in on your trial."),
        ("de", "Ich hoffe, es geht Ihnen gut."),
        ("fr", "J’espère que vous allez bien."),
        ("es", "Espero que se encuentre bien."),
        ("pt-BR", "Espero que esteja tudo bem."),
    ],
)
def test_the_lint_refuses_a_first_line_that_says_nothing(name: str, line: str) -> None:
    assert hollow(line, name)


@pytest.mark.parametrize("email", sorted(email_names()))
def test_text_from_a_lead_is_neither_template_nor_markup_nor_header(email: str) -> None:
    made, message = built(
        email, "en", first_name="<b>Ana</b>", company="{{ 593*7 }}<b>\r\nBcc: x\u2028[[ b ]]"
    )
    read = message_from_bytes(message.raw, policy=default)

    for written in (made.letter.text, made.letter.html, made.letter.subject):
        assert "4151" not in written
    assert "<b>" not in made.letter.html
    assert ("593" in made.letter.html) is ("{{ 593*7 }}&lt;b&gt;" in made.letter.html)
    assert "Bcc" not in read
    assert read["Subject"] == made.letter.subject


@pytest.mark.parametrize(
    "text",
    [
        "Your account is locked, sign in at evil.example",
        "evil.example",
        "www evil",
        "Click here http://evil.example",
        "a@evil.example",
        "{{ 7*7 }}",
        "<b>Ana</b>",
        "Ana\r\nBcc: x@y.example",
        "0800 123456",
    ],
)
def test_a_mail_greets_with_a_name_and_with_nothing_else(text: str) -> None:
    made, _ = built("extra-months", "en", first_name=text)

    assert made.letter.text.startswith("Hello,")
    assert "evil" not in made.letter.text


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example/win",
        "evil.example",
        "Acme www.evil.example",
        "Ask evil@evil.example",
        "You won $1000! Call +49123",
        "Ring 0800 123 45 67 at once, evil",
        "evil is what you get when you say yes to all of this now",
    ],
)
@pytest.mark.parametrize("email", ["extra-months", "rep-introduction"])
def test_a_mail_names_no_company_where_somebody_wrote_something_else(email: str, text: str) -> None:
    made, _ = built(email, "en", company=text)

    for written in (made.letter.subject, made.letter.text, made.letter.html):
        assert not [word for word in ("evil", "1000", "0800", "49123") if word in written]


@pytest.mark.parametrize(
    "name",
    [
        "Müller & Söhne",
        "3M",
        "1-800-Flowers",
        "Yahoo!",
        "Disney+",
        "S.A.R.L. Dupont",
        "Meier GmbH & Co.KG",
        "Bank of the West of the Isles",
        "Large.example",
    ],
)
def test_a_mail_names_a_company_as_companies_are_called(name: str) -> None:
    made, _ = built("extra-months", "en", company=name)

    assert name in made.letter.subject


@pytest.mark.parametrize("name", ["Ana", "Jean-Luc", "O’Brien", "Дмитрий", "María José", "李雷"])
def test_a_mail_greets_people_by_their_names(name: str) -> None:
    made, _ = built("extra-months", "en", first_name=name)

    assert name in made.letter.text.splitlines()[0]


def test_a_word_that_the_context_lacks_is_an_error_not_a_gap() -> None:
    from jinja2 import UndefinedError

    made = sample("extra-months", "en")
    with pytest.raises(UndefinedError):
        render("extra-months", {k: v for k, v in made.context.items() if k != "ends"}, made.tongue)


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Ação " * 30, "Дмитрий Иванович Достоевский-Салтыков младший"),
        ("=?utf-8?q?no?=", "a, b"),
        ("plain", ""),
        ("👩‍💻 " * 20, 'a "b" \\ c'),
    ],
)
def test_any_subject_and_name_is_read_back_as_written(subject: str, name: str) -> None:
    letter = sample("extra-months", "en").letter
    message = build_message(
        type(letter)(subject=subject.strip(), text=letter.text, html=letter.html),
        sender_name=name,
        sender_address="hello@giveget.example",
        recipient="a@bücher.example",
        message_id="<1@giveget.example>",
        unsubscribe_url="https://x.example/u/1",
        at=message_date(),
    )
    read = message_from_bytes(message.raw, policy=default)

    assert read["Subject"] == subject.strip()
    coded = parseaddr(message_from_bytes(message.raw)["From"])[0]  # .addresses adds blanks inside
    assert str(make_header(decode_header(coded))) == name
    assert read["To"].addresses[0].addr_spec == "a@xn--bcher-kva.example"
    assert max(len(line) for line in message.raw.split(b"\r\n")) <= 998
