"""The company behind the lead: where it is and how much of the product it asks for."""

from __future__ import annotations

from scoring.features.feature import Feature

FEATURES = (
    Feature(
        name="country",
        caption="Country",
        group="fit",
        kind="category",
        value=lambda m: m.contact.country or m.lead.country,
    ),
    Feature(
        name="region", caption="Region", group="fit", kind="category", value=lambda m: m.lead.region
    ),
    Feature(
        name="seats",
        caption="Seats asked for",
        group="fit",
        kind="number",
        value=lambda m: m.lead.seats,
    ),
    Feature(name="plan", caption="Plan", group="fit", kind="category", value=lambda m: m.lead.plan),
    Feature(
        name="company_given",
        caption="Company's name given",
        group="fit",
        kind="category",
        value=lambda m: "yes" if m.lead.company else "no",
    ),
    Feature(
        name="website_given",
        caption="Website given",
        group="fit",
        kind="category",
        value=lambda m: "yes" if m.lead.website else "no",
    ),
    Feature(
        name="partner",
        caption="Came through a partner",
        group="fit",
        kind="category",
        value=lambda m: m.lead.partner or "none",
    ),
    Feature(
        name="utm_source",
        caption="Came from",
        group="fit",
        kind="category",
        value=lambda m: m.lead.source.get("utm_source"),
    ),
    Feature(
        name="utm_medium",
        caption="Came by",
        group="fit",
        kind="category",
        value=lambda m: m.lead.source.get("utm_medium"),
    ),
)
