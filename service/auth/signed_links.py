"""Customers' links: signed, each good for one purpose only."""

from __future__ import annotations

from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from service.auth.key_set import KeySet
from service.errors import NotFound

_OFFER = "giveget-offer"
_UNSUBSCRIBE = "giveget-unsubscribe"
_CODE = "giveget-code"
_CONSENT = "giveget-consent"
_REPORT = "giveget-report"
_REPORT_ORDER = "giveget-report-order"
_CODE_AGE = timedelta(days=90)
_ORDER_AGE = timedelta(days=30)


class Links:
    """Makes and reads the tokens of `/o/…`, `/u/…`, `/c/…`, `/y/…`, `/r/…` and `/a/…`.

    A token names an offer, a consent or a lead by its pseudonym; how long it is good for is the
    offer's own end or the asking's, a link by which one leaves must never stop working, and one
    for a campaign code or to order a report is dated.
    """

    def __init__(self, keys: KeySet, public_url: str, now: datetime) -> None:
        known = [each.key for each in reversed(keys.links)]  # the last one signs
        read = keys.reading(now)[::-1]
        self._offers = URLSafeSerializer(read, salt=_OFFER)
        self._leavers = URLSafeSerializer(known, salt=_UNSUBSCRIBE)
        self._codes = URLSafeSerializer(read, salt=_CODE)
        self._consents = URLSafeSerializer(read, salt=_CONSENT)
        self._reports = URLSafeSerializer(known, salt=_REPORT)
        self._orders = URLSafeSerializer(read, salt=_REPORT_ORDER)
        self._base = public_url.rstrip("/")

    def offer(self, offer_id: str) -> str:
        """The address of an offer's page."""
        return f"{self._base}/o/{_text(self._offers.dumps(offer_id))}"

    def unsubscribe(self, ref: str) -> str:
        """The address that ends mail to a lead."""
        return f"{self._base}/u/{_text(self._leavers.dumps(ref))}"

    def code(self, ref: str, now: datetime) -> str:
        """The address where a lead presents a campaign code, for the next 90 days."""
        return f"{self._base}/c/{_text(self._codes.dumps(f'{ref} {int(now.timestamp())}'))}"

    def consent(self, consent_id: str) -> str:
        """The address where a consent that was asked for is given."""
        return f"{self._base}/y/{_text(self._consents.dumps(consent_id))}"

    def report(self, ref: str) -> str:
        """The address of a team's usage report, as one person of it sees it and leaves it."""
        return f"{self._base}/r/{_text(self._reports.dumps(ref))}"

    def report_order(self, ref: str, account: str, now: datetime) -> str:
        """The address where an admin orders their account's report, for the next 30 days."""
        named = f"{int(now.timestamp())} {ref} {account}"
        return f"{self._base}/a/{_text(self._orders.dumps(named))}"

    def read_report(self, token: str) -> str:
        """The lead's pseudonym of a token; raises NotFound."""
        return _read(self._reports, token)

    def read_report_order(self, token: str, now: datetime) -> tuple[str, str]:
        """The admin's pseudonym and the account of a token that is not too old; raises NotFound."""
        made, ref, account = _read(self._orders, token).split(" ", 2)
        if now.timestamp() - int(made) > _ORDER_AGE.total_seconds():
            raise NotFound("unknown_link", "this link is too old; ask for a fresh one")
        return ref, account

    def read_consent(self, token: str) -> str:
        """The consent of a token; raises NotFound."""
        return _read(self._consents, token)

    def read_offer(self, token: str) -> str:
        """The offer of a token; raises NotFound."""
        return _read(self._offers, token)

    def read_unsubscribe(self, token: str) -> str:
        """The lead's pseudonym of a token; raises NotFound."""
        return _read(self._leavers, token)

    def read_code(self, token: str, now: datetime) -> str:
        """The lead's pseudonym of a token that is not too old; raises NotFound."""
        ref, _, made = _read(self._codes, token).partition(" ")
        if now.timestamp() - int(made) > _CODE_AGE.total_seconds():
            raise NotFound("unknown_link", "this link is too old; ask for a fresh one")
        return ref


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
