"""What a customer says to an offer besides yes: no, for a reason, or a question."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from offers import lifecycle as life
from offers.order_check import Grant
from service.domain.lead import StoredLead
from service.domain.plain_text import without_marks
from service.errors import BadInput, Conflict, FieldError
from service.store.leads import leads
from service.store.offers import offers, remarks, tasks
from service.store.offers.offers import StoredOffer
from service.store.offers.remarks import Kind, Remark
from service.store.ops import outbox
from service.use_cases.offers import lifecycle
from service.use_cases.tx import Tx

REASONS = ("price", "timing", "missing_feature", "competitor", "no_need", "other")
"""Why a customer may decline; each counts as the objection of that id."""
LONGEST_REASON = 500
LONGEST_QUESTION = 1_000
_MOST_QUESTIONS = 20
LONGEST_PHONE = 40
LONGEST_TIME = 100
_PHONE = re.compile(r"[0-9+()/ .\u00a0-]+")
_FEWEST_DIGITS = 6
_ANSWER = "rep: answer the question that the customer asked on the page"
_CALL = "rep: call the customer, who asked for it on the page, at the number given there"
_QUESTION: Kind = "question"
_CUSTOMER = "customer"


def decline(tx: Tx, offer_id: str, reason: str, words: str) -> StoredOffer:
    """The customer says no: the offer is withdrawn by them and its staged mails stay here.

    The same again changes nothing; the first reason stays. Raises BadInput, and Conflict for an
    offer that they took or that is over.
    """
    if reason not in REASONS:
        raise _wrong("reason", "unknown_reason", "must be one of " + ", ".join(REASONS))
    words = _said(words, "text", LONGEST_REASON)
    stored, _ = _held(tx, offer_id)
    if stored.declined is not None:
        return stored
    offer = lifecycle.offer_of(stored)
    if stored.state not in ("issued", "sent", "viewed"):
        raise Conflict("cannot_decline", f"an offer that is {stored.state} cannot be declined")
    if isinstance(life.expire(offer, tx.now), life.Offer):
        raise Conflict("offer_ended", "the offer has ended")
    after = life.take(offer, "withdraw")
    lifecycle.take(tx, stored, after, by=_CUSTOMER, reason="declined", objection=reason)
    offers.keep_declined(tx.connection, stored.id, reason)
    outbox.withhold_for_offer(tx.connection, stored.id, reason="offer_declined", now=tx.now)
    if words:
        _keep(tx, stored, "decline", words)
    return lifecycle.found(tx.connection, stored.id)


def ask(tx: Tx, offer_id: str, words: str, *, call: str = "") -> StoredOffer:
    """A question about an offer becomes a task, and its lead enters a rep's queue.

    `call` is the number and time of who asks to be called; the call may be all that is asked. The
    same question again changes nothing. Raises BadInput, and Conflict beyond twenty.
    """
    words = _said(words, "text", LONGEST_QUESTION)
    if not (words or call):
        raise _wrong("text", "empty", "must say something")
    stored, lead = _held(tx, offer_id)
    kinds: tuple[tuple[Kind, str], ...] = ((_QUESTION, words), ("call", call))
    new = [
        (kind, said)
        for kind, said in kinds
        if said and remarks.find(tx.connection, _id(stored, kind, said)) is None
    ]
    if not new:
        return stored
    if len(remarks.of_offer(tx.connection, stored.id)) >= _MOST_QUESTIONS:
        raise Conflict("too_many_questions", f"an offer's page takes {_MOST_QUESTIONS} questions")
    for kind, said in new:
        _keep(tx, stored, kind, said)
    step = Grant(_QUESTION, "call", _CALL) if call else Grant(_QUESTION, None, _ANSWER)
    about = _id(stored, *new[0]).rpartition("_")[2]
    tasks.add(tx.connection, stored.id, _QUESTION, [step], tx.now, about=about)
    if lead is not None and lead.erased_at is None:
        lifecycle.ask_for_rep(tx, lead)
    return stored


def call_asked(form: Mapping[str, str]) -> str:
    """The number and time at which a form asks to be called; empty where it asks for no call.

    Raises BadInput for what is no number.
    """
    if form.get("by") != "call":
        return ""
    phone = _said(form.get("phone", ""), "phone", LONGEST_PHONE)
    if not _PHONE.fullmatch(phone) or sum(each.isdigit() for each in phone) < _FEWEST_DIGITS:
        raise _wrong("phone", "bad_phone", "must be a phone number")
    when = " ".join(_said(form.get("when", ""), "when", LONGEST_TIME).split())
    return f"{phone}, {when}" if when else phone


def _held(tx: Tx, offer_id: str) -> tuple[StoredOffer, StoredLead | None]:
    """The offer and its lead, held in the order every change takes them. Raises NotFound."""
    there = offers.find(tx.connection, offer_id)
    lead = None if there is None else leads.lock(tx.connection, there.lead)
    return lifecycle.locked(tx.connection, offer_id), lead


def _keep(tx: Tx, stored: StoredOffer, kind: Kind, words: str) -> None:
    id = _id(stored, kind, words)
    remark = Remark(id=id, offer=stored.id, lead=stored.lead, kind=kind, words=words, at=tx.now)
    remarks.insert(tx.connection, remark)


def _id(stored: StoredOffer, kind: str, words: str) -> str:
    """The same for the same words about the same offer."""
    digest = hashlib.sha256(words.encode("utf-8")).hexdigest()
    return f"remark_{stored.id}_{kind}_{digest[:16]}"


def _said(words: str, path: str, longest: int) -> str:
    """Words as they are kept. Raises BadInput for more than is read."""
    kept = without_marks(words.replace("\r\n", "\n")).strip()
    if len(kept) > longest:
        raise _wrong(path, "too_long", f"must have at most {longest:,} characters")
    return kept


def _wrong(path: str, code: str, message: str) -> BadInput:
    error = FieldError(path=path, code=code, message=message)
    return BadInput(code, f"{path} {message}", status=422, errors=[error])
