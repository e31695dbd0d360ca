"""Who owns a lead in the CRM has it here too: its place, and its account, go to that rep."""

from __future__ import annotations

from service.store.leads import accounts, leads
from service.store.queue import queue, reps
from service.use_cases.queue.reassignment import hand_over
from service.use_cases.tx import Tx


def follow_owner(tx: Tx, lead_id: str, email: str) -> None:
    """Give a lead to the rep of a mail address; who is no rep of ours changes nothing.

    Who holds it keeps it until the claim ends; the account's next leads are the owner's already.
    """
    rep, lead = reps.by_email(tx.connection, email), leads.lock(tx.connection, lead_id)
    if rep is None or lead is None or lead.erased_at is not None:
        return
    place = queue.find(tx.connection, lead_id)
    if place is not None and place.state != "held" and place.rep != rep:
        hand_over(tx, lead, place, rep, place.passed_by_reps)
    elif lead.account is not None:
        accounts.give_to(tx.connection, lead.account, rep, tx.now)
