"""A small server that speaks the documented part of Stripe's API, in its old or its new shapes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support import stripe_shapes as shapes
from tests.support.stripe_shapes import NEW, OLD, Object, Version
from tests.support.tool_servers import Answer, Tool

_PAGE = 10
_YEAR = timedelta(days=365)
_EMPTY: Object = {"object": "list", "data": [], "has_more": False}


class StripeTool(Tool):
    """Objects by path; what is made is kept and answered once for each idempotency key."""

    def __init__(self, version: Version = NEW) -> None:
        super().__init__()
        self.version = version
        self.objects: dict[str, Object] = {}
        self.lines: dict[str, list[Object]] = {}
        """All lines of an invoice, by its id; the invoice itself shows the first page."""
        self.notes: dict[str, list[Object]] = {}
        """Credit notes by invoice."""
        self.refunds: dict[str, list[Object]] = {}
        """By charge."""
        self.pages: dict[str, list[Object]] = {}
        """All elements of another list that has pages, by its path."""
        self.hidden: set[str] = set()
        """Lists that the key, or the version, does not show."""
        self.gone: set[str] = set()
        """Customers who were deleted."""
        self.sessions: dict[str, str] = {}
        self.coupons: dict[str, str | None] = {}
        self.asked: dict[str, Any] = {}
        """What was asked for by each idempotency key."""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if method == "GET":
            return self._shown(path, query)
        key = str(self.keys[-1])
        if self.asked.setdefault(key, (path, body)) != (path, body):
            return 400, {"error": {"type": "idempotency_error"}}
        if path == "/v1/checkout/sessions":
            if "allow_promotion_codes" in body and "discounts[0][coupon]" in body:
                return 400, {"error": {"code": "parameter_invalid"}}
            if body.get("customer") in self.gone:
                error = {"code": "resource_missing", "param": "customer"}
                return 400, {"error": error | {"type": "invalid_request_error"}}
            id = self.sessions.setdefault(key, f"cs_{len(self.sessions) + 1}")
            made = {"id": id, "status": "open", "url": f"https://checkout.stripe.example/{id}"}
            made |= {"expires_at": int(body["expires_at"])}
            return 200, self.objects.setdefault(f"{path}/{id}", made)
        if path.endswith("/expire"):
            session = self.objects[path.removesuffix("/expire")]
            if session["status"] != "open":
                return 400, {"error": {"code": "resource_not_open"}}
            session["status"] = "expired"
            return 200, session
        if path == "/v1/coupons":
            if body["id"] in self.coupons and self.coupons[body["id"]] != self.keys[-1]:
                return 400, {"error": {"code": "resource_already_exists"}}
            self.coupons[body["id"]] = self.keys[-1]
        if path == "/v1/subscription_schedules":
            return 200, {"id": "sub_sched_1"}
        return 200, {"id": path.rpartition("/")[2]}

    def _shown(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/v1/checkout/sessions":
            listed = [one for name, one in self.objects.items() if name.startswith(f"{path}/")]
            return 200, {"object": "list", "data": listed[: int(query.get("limit", 10))]}
        if path in self.hidden:
            return 403, {"error": {"code": "more_permissions_required"}}
        if path in self.objects:
            return 200, self.objects[path]
        if path in self.pages or path.endswith("/lines"):
            lines = self.pages.get(path) or self.lines[path.split("/")[3]]
            after = query.get("starting_after")
            start = 0 if after is None else [line["id"] for line in lines].index(after) + 1
            page = lines[start : start + _PAGE]
            has_more = start + _PAGE < len(lines)
            return 200, {"object": "list", "data": page, "has_more": has_more}
        match path.removeprefix("/v1/"):
            case "invoice_payments":
                named = query.get("invoice") or query["payment[payment_intent]"]
                named, intent = named.replace("pi_", "in_"), named.replace("in_", "pi_")
                payment = {"type": "payment_intent", "payment_intent": intent}
                is_there = f"/v1/payment_intents/{intent}" in self.objects
                found = {"invoice": named, "status": "paid", "payment": payment}
                return 200, _EMPTY | {"data": [found] if is_there else []}
            case "credit_notes":
                return 200, _EMPTY | {"data": self.notes.get(query["invoice"], [])}
            case "refunds":
                return 200, _EMPTY | {"data": self.refunds.get(query["charge"], [])}
            case "invoices":
                return 200, _EMPTY | {"data": self._invoices_of(query["subscription"])}
        return (200, _EMPTY) if path.count("/") == 2 else (404, {"error": {}})

    def _invoices_of(self, subscription: str) -> list[Object]:
        found = [o for p, o in self.objects.items() if p.startswith("/v1/invoices/")]
        return [
            invoice
            for invoice in found
            if invoice["status"] == "paid"
            and subscription in (invoice.get("subscription"), _billed_by(invoice))
        ]

    def paid(
        self,
        offer: str | None,
        at: datetime,
        *,
        seats: int,
        minor: int,
        n: str = "1",
        sub: str | None = None,
        email: str = "buyer@large.example",
        months: int = 12,
        term: str = "12",
        tax: int = 0,
        lines: list[Object] | None = None,
        items: list[Object] | None = None,
        begun_at: datetime | None = None,
        subscription: Object | None = None,
        **invoice: Any,
    ) -> None:
        """The invoice of a paid checkout, with its subscription, payment and charge."""
        about = sub or f"sub_{n}"
        starts, ends = int(at.timestamp()), int((at + _YEAR).timestamp())
        each = items[0]["price"]["recurring"] if items else {"interval_count": months}
        how = {"tax": tax, "starts": starts, "months": each["interval_count"]}
        all_lines = lines or [shapes.a_line(self.version, seats, minor, **how)]
        made = shapes.an_invoice(
            self.version,
            f"in_{n}",
            all_lines,
            **(
                {
                    "paid_at": at,
                    "subscription": about,
                    "customer": f"cus_{about.removeprefix('sub_')}",
                    "email": email,
                    "is_live": False,
                }
                | invoice
            ),
        )
        made["lines"] |= {"data": all_lines[:_PAGE], "has_more": len(all_lines) > _PAGE}
        self.objects[f"/v1/invoices/in_{n}"] = made
        self.lines[f"in_{n}"] = all_lines
        metadata = {"giveget_offer": offer, "giveget_plan": "business"}
        if term:
            metadata["giveget_term_months"] = term
        self.objects[f"/v1/subscriptions/{about}"] = shapes.a_subscription(
            items or [shapes.an_item(seats, months=months, starts=starts, ends=ends)],
            id=about,
            metadata=metadata if offer else {},
            latest_invoice=f"in_{n}",
            **(subscription or {}),
        )
        charge = shapes.a_charge(f"ch_{n}", made["amount_paid"])
        if begun_at is not None:
            charge["created"] = int(begun_at.timestamp())
        if self.version == OLD:
            charge["invoice"] = f"in_{n}"
        else:
            charge["payment_intent"] = f"pi_{n}"
            intent = {"id": f"pi_{n}", "status": "succeeded", "latest_charge": f"ch_{n}"}
            self.objects[f"/v1/payment_intents/pi_{n}"] = intent
        self.objects[f"/v1/charges/ch_{n}"] = charge

    def refund(self, n: str = "1", minor: int | None = None) -> None:
        """So much of the charge is given back; all of it unless told otherwise."""
        charge = self.objects[f"/v1/charges/ch_{n}"]
        charge["amount_refunded"] = charge["amount"] if minor is None else minor
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]

    def change(self, n: str = "1", *, seats: int | None = None, **fields: Any) -> None:
        """The subscription changes."""
        subscription = self.objects[f"/v1/subscriptions/sub_{n}"]
        if seats is not None:
            subscription["items"]["data"][0]["quantity"] = seats
        subscription.update(fields)


def _billed_by(invoice: Object) -> str | None:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found
