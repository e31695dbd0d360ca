"""One row of a list of subscriptions, as a billing system exports them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from service.schemas.fields import Body, Count, ExternalIds, Id, Money, Short, Time

State = Literal["active", "overdue", "unpaid", "ended", "unpaid_yet"]
STATES: Mapping[str, State] = {
    "active": "active",
    "paid": "active",
    "paused": "active",
    "past due": "overdue",
    "unpaid": "unpaid",  # after every reminder, which is how Stripe and Lemon Squeezy say it
    "canceled": "ended",
    "cancelled": "ended",
    "ended": "ended",
    "expired": "ended",
    "trialing": "unpaid_yet",
    "trial": "unpaid_yet",
    "incomplete": "unpaid_yet",
    "incomplete expired": "unpaid_yet",
    **dict.fromkeys(
        ("aktiv", "bezahlt", "pausiert", "actif", "payé", "payée", "en pause"), "active"
    ),
    **dict.fromkeys(("activo", "activa", "pagado", "pagada", "pausado", "pausada"), "active"),
    **dict.fromkeys(("ativo", "ativa", "pago", "paga"), "active"),
    **dict.fromkeys(("overdue", "überfällig", "unbezahlt", "in verzug", "en retard"), "overdue"),
    **dict.fromkeys(("impayé", "impayée", "impagado", "impagada", "atrasado"), "overdue"),
    **dict.fromkeys(("atrasada", "em atraso", "não pago", "não paga"), "overdue"),
    **dict.fromkeys(("gekündigt", "beendet", "abgelaufen", "storniert", "résilié"), "ended"),
    **dict.fromkeys(("résiliée", "annulé", "annulée", "terminé", "terminée"), "ended"),
    **dict.fromkeys(("expiré", "expirée", "cancelado", "cancelada", "finalizado"), "ended"),
    **dict.fromkeys(("finalizada", "terminado", "terminada", "caducado", "caducada"), "ended"),
    **dict.fromkeys(("expirado", "expirada", "encerrado", "encerrada"), "ended"),
    **dict.fromkeys(("in trial", "testphase", "in der testphase", "essai"), "unpaid_yet"),
    **dict.fromkeys(("en essai", "période d'essai", "prueba", "en prueba"), "unpaid_yet"),
    **dict.fromkeys(("período de prueba", "periodo de prueba", "teste"), "unpaid_yet"),
    **dict.fromkeys(("em teste", "período de teste", "unvollständig"), "unpaid_yet"),
    **dict.fromkeys(("incomplet", "incomplète", "incompleto", "incompleta"), "unpaid_yet"),
}
"""What the words of docs.stripe.com/api/subscriptions/object#subscription_object-status, and usual
ones of others in five languages, come to."""
NOT_PAID = frozenset(
    (
        *("payment failed", "not paid", "no card", "nonpayment", "non payment", "unpaid"),
        *("payment failure", "failed payment", "dunning", "nichtzahlung", "nicht bezahlt"),
        *("impayé", "défaut de paiement", "impago", "falta de pago", "falta de pagamento"),
    )
)
"""Why a subscription ended, where its last period was never paid: Stripe's
`cancellation_details.reason`, Chargebee's `cancel_reason`, Recurly's `expiration_reason`."""
INTERVALS: Mapping[str, int] = {
    "month": 1,
    "monthly": 1,
    "quarter": 3,
    "quarterly": 3,
    "half-yearly": 6,
    "year": 12,
    "yearly": 12,
    "annual": 12,
    "annually": 12,
    **dict.fromkeys(("monat", "monatlich", "mois", "mensuel", "mensuelle"), 1),
    **dict.fromkeys(("mes", "mensual", "mês", "mensal"), 1),
    **dict.fromkeys(("quartal", "quartalsweise", "vierteljährlich", "trimestre"), 3),
    **dict.fromkeys(("trimestriel", "trimestrielle", "trimestral"), 3),
    **dict.fromkeys(("half-year", "halbjahr", "halbjährlich", "semestre"), 6),
    **dict.fromkeys(("semestriel", "semestrielle", "semestral"), 6),
    **dict.fromkeys(("jahr", "jährlich", "an", "année", "annuel", "annuelle"), 12),
    **dict.fromkeys(("año", "anual", "ano"), 12),
    **{
        f"{months} {word}": months
        for months in range(2, 61)
        for word in ("months", "monate", "mois", "meses")
    },
    **{
        f"{years} {word}": 12 * years
        for years in range(2, 6)
        for word in ("years", "jahre", "ans", "años", "anos")
    },
}
"""Months from one payment to the next."""


class Subscription(Body):
    """What somebody holds, since when and until when."""

    id: Id
    """The subscription's, as the billing system names it."""
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    account: Short | None = None
    status: State
    started_at: Time
    trial_ends_at: Time | None = None
    period_starts_at: Time | None = None
    """Of the period that runs, or ran last; without it the interval before its end."""
    period_ends_at: Time | None = None
    canceled_at: Time | None = None
    """When it was said; access lasts until the period's end."""
    ended_at: Time | None = None
    end_reason: Short | None = None
    """Why it ended; `is_last_unpaid` reads of it whether the last period was never paid."""
    interval: Annotated[int, Field(ge=1, le=120)] = 1
    """Months."""
    plan: Short | None = None
    seats: Count | None = None
    amount: Money | None = None
    """Paid for the period, all seats together."""

    @property
    def is_last_unpaid(self) -> bool:
        """Whether it ended since its last period was never paid, after every reminder."""
        if self.status == "unpaid":
            return True
        words = re.sub(r"[\s_-]+", " ", self.end_reason or "").strip().casefold()
        return self.status == "ended" and words in NOT_PAID
