"""The seller on customers' pages and in mails: what is shown, what is refused, what can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import ConfigurationError
from service.mail.brand import contrast, read_logo, text_on
from service.settings import read_settings
from tests.service.offers.test_public_pages import an_offer_page

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
LINKS = {
    "support_email": "help@acme.example",
    "terms_url": "https://acme.example/terms?v=2&lang=en",
    "privacy_url": "https://acme.example/privacy",
}


@given(st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}"))
def test_text_on_any_colour_can_be_read(color: str) -> None:
    assert contrast(text_on(color), color) >= 4.5


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert round(contrast("#ff0000", "#ffffff"), 2) == 4.0


def test_a_page_and_a_mail_name_the_seller(make_world: Any, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    world = make_world(
        brand_name="Müller & <Söhne>",
        brand_logo=str(tmp_path / "logo.png"),
        brand_color="#FFD400",
        **LINKS,
    )
    answer = world.client.get(an_offer_page(world))
    assert 'src="/brand/logo"' in answer.text
    assert "Müller &amp; &lt;Söhne&gt;" in answer.text
    assert 'href="https://acme.example/terms?v=2&amp;lang=en"' in answer.text
    assert "img-src 'self' data:;" in answer.headers["content-security-policy"]
    colours = world.client.get("/brand.css")
    assert colours.headers["content-type"].startswith("text/css")
    assert "--blue: #FFD400" in colours.text
    assert "--on-blue: #000000" in colours.text
    logo = world.client.get("/brand/logo")
    assert (logo.content, logo.headers["content-type"]) == (PNG, "image/png")

    world.work()
    (mail,) = world.captured()
    assert f'src="{world.settings.public_url}/brand/logo"' in mail["html"]
    assert "background-color: #FFD400" in mail["html"]
    for part in (mail["text"], mail["html"].replace("&amp;", "&")):
        for said in LINKS.values():
            assert said in part
        assert "worth US$7,440.00; you pay US$29,760.00" in part.replace("\u00a0", " ")


def test_a_logo_elsewhere_is_allowed_by_the_page_and_by_no_other(make_world: Any) -> None:
    world = make_world(brand_logo="https://cdn.acme.example:8443/a/logo.webp")
    page = world.client.get(an_offer_page(world))
    policy = page.headers["content-security-policy"]
    assert "img-src 'self' data: https://cdn.acme.example:8443;" in policy
    assert "acme" not in world.client.get("/").headers["content-security-policy"]
    assert world.client.get("/brand/logo").status_code == 404
    assert world.client.get("/brand.css").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("terms_url", "javascript:alert(1)"),
        ("terms_url", "http://acme.example"),
        ("privacy_url", 'https://acme.example/"onload="x'),
        ("privacy_url", "https://me:secret@acme.example/"),
        ("billing_url", "https:///nowhere"),
        ("billing_url", "https://a b.example/"),
        ("brand_logo", "https://a.example;script-src/x.png"),
        ("brand_logo", "ftp://a.example/x.png"),
        ("brand_color", "red"),
        ("brand_color", "#12345"),
        ("brand_color", "#123456;}"),
        ("support_email", "nobody"),
        ("support_email", "a@b.example?bcc=\n x@y"),
        ("brand_name", "a\nb"),
        ("brand_name", "x" * 61),
    ],
)
def test_what_is_no_link_colour_or_name_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        read_settings(**{name: value})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG, GIF or WebP"),
        (PNG + bytes(200_000), "more than 200,000"),
        (None, "No such file"),
    ],
)
def test_a_logo_that_cannot_be_shown_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "logo"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        read_logo(str(path))
