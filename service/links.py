"""Customers' links: signed, each good for one purpose only."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from service.errors import NotFound

_OFFER = "giveget-offer"
_UNSUBSCRIBE = "giveget-unsubscribe"


class Links:
    """Makes and reads the tokens of `/o/…` and `/u/…`.

    A token names an offer or a lead by its pseudonym; how long it is good for is the offer's own
    end, and an unsubscribe link must never stop working.
    """

    def __init__(self, secret: bytes, public_url: str) -> None:
        self._offers = URLSafeSerializer(secret, salt=_OFFER)
        self._leavers = URLSafeSerializer(secret, salt=_UNSUBSCRIBE)
        self._base = public_url.rstrip("/")

    def offer(self, offer_id: str) -> str:
        """The address of an offer's page."""
        return f"{self._base}/o/{_text(self._offers.dumps(offer_id))}"

    def unsubscribe(self, ref: str) -> str:
        """The address that ends mail to a lead."""
        return f"{self._base}/u/{_text(self._leavers.dumps(ref))}"

    def read_offer(self, token: str) -> str:
        """The offer of a token; raises NotFound."""
        return _read(self._offers, token)

    def read_unsubscribe(self, token: str) -> str:
        """The lead's pseudonym of a token; raises NotFound."""
        return _read(self._leavers, token)


def _read(serializer: URLSafeSerializer, token: str) -> str:
    try:
        named = serializer.loads(token)
    except BadSignature:
        named = None
    if not isinstance(named, str):
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    return named


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode("ascii")
