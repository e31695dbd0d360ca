"""Our check of Stripe's signature against the official package's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import stripe

from service.errors import NotKnown
from service.integrations.signatures import check_stripe
from tests.support.signed_calls import stripe_event

NOW = datetime(2026, 12, 4, 8, 30, tzinfo=UTC)
SECRET = "whsec_of_a_test"
HEADER = "stripe-signature"


def agree(body: bytes, header: str, secret: str = SECRET) -> bool:
    """Whether both take the signature; they must not differ."""
    try:
        check_stripe(header, body, secret, NOW, 300)
        ours = True
    except NotKnown:
        ours = False
    try:
        stripe.WebhookSignature.verify_header(body.decode(), header, secret)
        theirs = True
    except stripe.SignatureVerificationError:
        theirs = False
    assert ours == theirs
    return ours


def test_both_take_the_same_signatures_and_refuse_the_same() -> None:
    _, body, headers = stripe_event({"type": "invoice.paid", "note": "ä"}, NOW, SECRET)
    good = headers[HEADER]
    sent, _, digest = good.partition(",v1=")
    assert agree(body, good)
    assert agree(body, f"{sent},v1=00ff,v1={digest},v0=aa")
    for wrong in (f"{sent},v1=00ff", f"{sent},v0={digest}", f"t=1,v1={digest}"):
        assert not agree(body, wrong)
    assert not agree(body + b" ", good)
    assert not agree(body, good, "whsec_of_another")


@pytest.mark.parametrize("header", ["", "v1=00", "t=,v1=00", "t=now,v1=00"])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(NotKnown):
        check_stripe(header, b"{}", SECRET, NOW, 300)
