"""Which fields each kind of import has, and which columns fill them by their usual names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from scoring.dataset.headings import (
    bare_heading,
    dates_the_end,
    is_of_somebody_else,
    known_fields,
    spellings,
    tells_bounce,
)
from scoring.files.values import as_boolean
from service.domain import account_money

Kind = Literal["leads", "events", "touches", "outcomes", "subscriptions"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_WHO = ("id", "lead_id", "email", "at")
PLAIN: Mapping[str, tuple[str, ...]] = {
    "leads": (
        "id",
        "email",
        "phone",
        "first_name",
        "last_name",
        "title",
        "company",
        "website",
        "country",
        "region",
        "timezone",
        "locale",
        "seats",
        "plan",
        "trial_started_at",
        "trial_ends_at",
        "signed_up_at",
        "campaign_code",
        "partner",
        "do_not_email",
        "do_not_call",
        "do_not_profile",
        "email_bounced",
        "consent.ground",
        "consent.at",
        "consent.wording",
        "consent.source",
    ),
    "events": (*_WHO, "name"),
    "touches": (*_WHO, "kind", "by"),
    "outcomes": (
        *_WHO,
        "kind",
        "reason",
        "plan",
        "seats",
        "term_months",
        "prepaid",
        "amount",
        "amount.minor",
        "amount.currency",
        "invoice",
        "billing_country",
        "period_months",
        "subscription",
    ),
    "subscriptions": (
        "id",
        "lead_id",
        "email",
        "account",
        "status",
        "started_at",
        "trial_ends_at",
        "period_starts_at",
        "period_ends_at",
        "canceled_at",
        "ended_at",
        "end_reason",
        "interval",
        "plan",
        "seats",
        "amount",
        "amount.minor",
        "amount.currency",
    ),
}
_OPEN: Mapping[str, tuple[str, ...]] = {
    "leads": ("external_ids", "source", "attributes"),
    "events": ("external_ids", "properties"),
    "touches": ("external_ids",),
    "outcomes": ("external_ids",),
    "subscriptions": ("external_ids",),
}
"""Fields that hold whatever names one likes."""
_USUAL: Mapping[str, Mapping[str, str]] = {
    "events": {
        "event": "name",
        "eventname": "name",
        "eventtype": "name",
        "action": "name",
        "timestamp": "at",
        "time": "at",
        "date": "at",
        "occurredat": "at",
        "eventtime": "at",
        "eventdate": "at",
        "eventtimestamp": "at",
        "originaltimestamp": "at",
        "eventtext": "name",
        "createdat": "at",
        "useremail": "email",
        "useremailaddress": "email",
    },
    "touches": {
        "type": "kind",
        "activitytype": "kind",
        "owner": "by",
        "assignedto": "by",
        "activityassignedto": "by",
        "rep": "by",
        "date": "at",
        "timestamp": "at",
        "activitydate": "at",
    },
    "outcomes": {
        "status": "kind",
        "outcome": "kind",
        "result": "kind",
        "stage": "kind",
        "stagename": "kind",
        "dealstage": "kind",
        "dealstatus": "kind",
        "opportunitystage": "kind",
        "opportunitystatus": "kind",
        "salesstage": "kind",
        "pipelinestage": "kind",
        "leadstatus": "kind",
        "phase": "kind",
        "dealphase": "kind",
        "date": "at",
        "currency": "amount.currency",
        "amountpaid": "amount",
        "quantity": "seats",
        "invoiceid": "invoice",
        "invoicenumber": "invoice",
        **dict.fromkeys(("rechnungsnummer", "rechnungsnr", "numerodefacture"), "invoice"),
        **dict.fromkeys(("numerodefactura", "numerodafatura", "nrfaktury"), "invoice"),
        **dict.fromkeys(("stato", "etat", "estado", "stan", "durum"), "kind"),
        **dict.fromkeys(
            ("currencycode", "dealcurrency", "wahrung", "dealwahrung"), "amount.currency"
        ),
        **dict.fromkeys(("devise", "moneda", "moeda", "valuta", "waluta"), "amount.currency"),
        **dict.fromkeys(("dealvalue", "dealamount", "dealwert", "dealbetrag", "betrag"), "amount"),
        **dict.fromkeys(("montant", "importe", "importo", "kwota", "bedrag"), "amount"),
    },
    "subscriptions": {
        "subscription": "id",
        "subscriptionid": "id",
        "customerid": "external_ids.stripe",
        "customer": "external_ids.stripe",
        "accountid": "account",
        "state": "status",
        "start": "started_at",
        "startdate": "started_at",
        "startedat": "started_at",
        "created": "started_at",
        "trialend": "trial_ends_at",
        "trialendsat": "trial_ends_at",
        "currentperiodstart": "period_starts_at",
        "periodstart": "period_starts_at",
        "currentperiodend": "period_ends_at",
        "periodend": "period_ends_at",
        "renewsat": "period_ends_at",
        "renewaldate": "period_ends_at",
        "canceledat": "canceled_at",
        "cancelledat": "canceled_at",
        "endedat": "ended_at",
        "enddate": "ended_at",
        "cancellationreason": "end_reason",
        "cancelreason": "end_reason",
        "expirationreason": "end_reason",
        "billinginterval": "interval",
        "billingperiod": "interval",
        "product": "plan",
        "quantity": "seats",
        "currency": "amount.currency",
        "subscriptionstatus": "status",
        **dict.fromkeys(("activatedat", "subscriptioncreatedat", "createdat"), "started_at"),
        **dict.fromkeys(("currenttermstart", "currentperiodstartedat"), "period_starts_at"),
        **dict.fromkeys(("currenttermend", "currentperiodendsat"), "period_ends_at"),
        **dict.fromkeys(("nextbilledat", "nextbillingat"), "period_ends_at"),
        **dict.fromkeys(("planid", "plancode", "productname"), "plan"),
        **dict.fromkeys(("planquantity", "subscriptionquantity"), "seats"),
        **dict.fromkeys(("billingcycle", "billingperiodunit"), "interval"),
        "currencycode": "amount.currency",
    },
}
_NAMES_LEAD = {
    "leadid": "lead_id",
    "userid": "external_ids.user",
    "distinctid": "external_ids.user",
    "customeremail": "email",
    "emailaddress": "email",
    "mail": "email",
}
_IDS = frozenset(
    {"id", "leadid", "prospectid", "personid", "contactid", "recordid", "datensatzid", "eintragsid"}
    | {"iddefichedinformations", "iddelafichedinformations", "iddelafiche", "iddelenregistrement"}
    | {"idderegistro", "iddelregistro", "iddoregistro", "leadnumber", "externalid", "externeid"}
    | {"idexterne", "idexterno", "iddeprospect", "iddepiste", "iddelapiste", "idduprospect"}
    | {"idlead", "iddelead", "iddulead", "iddellead", "iddolead", "idducontact", "iddecontacto"}
    | {"iddelcontacto", "iddocontato", "iddecandidato", "iddelcandidato", "kontaktid"}
)
_OF_OTHERS = (
    *("organi", "deal", "account", "company", "firma", "affaire", "transaction", "geschaft"),
    *("negocio", "trato", "opportun", "oportunid", "unternehmen", "entreprise", "empresa"),
    *("campaign", "kampagne", "campagne", "campana", "campanha", "adset", "anzeige", "anuncio"),
    *("form", "adid", "activity", "aktivitat", "activite", "actividad"),
    *("list", "workflow", "sequence", "product", "produkt", "produit", "producto", "produto"),
)
"""Whose id is not a lead's."""
_MAY_OBJECT = (
    *("subscri", "optin", "consent", "newsletter", "einwillig", "consentement", "consentimiento"),
    *(
        "consentimento",
        "permission",
        "gdpr",
        "dsgvo",
        "rgpd",
        "lgpd",
        "mailok",
        "emailok",
        "callok",
    ),
    *(
        "allowed",
        "okayto",
        "agree",
        "emailmarketing",
        "marketingemail",
        "einverstanden",
        "deacuerdo",
        "concord",
        "accepts",
        "izni",
        "durfen",
        "puiscontact",
        "maycontact",
        "maymail",
        "mayemail",
        "maycall",
        "canemail",
        "cancontact",
        "erlaub",
        "zustimmung",
    ),
    *("autoris", "autoriz", "permis", "aceita", "acepta", "accepte", "akzeptiert", "werbung"),
    *("wecontact", "weemail", "wecall", "wewrite", "oktocontact", "oktoemail", "oktocall"),
    *("nouscontacter", "nousvouscontacter", "nousvousecrire", "podemoscontact", "podemosescrib"),
    *("podemosenviar", "podemosentrar", "podemoscontat", "possiamocontatt", "liketoreceive"),
    *("wanttoreceive", "wishtoreceive", "souhaiterecevoir", "deseorecibir", "quierorecibir"),
    *("queroreceber", "desejoreceber", "mochteerhalten", "desideroricevere"),
)
_OBJECTS = frozenset(
    {"unsubscribed", "opted out", "opt out", "optout", "unsubscribe", "do not email", "do not mail"}
    | {"do not contact", "do not call", "dnc", "no email", "no emails", "no mail", "no calls"}
    | {"abgemeldet", "abbestellt", "nicht kontaktieren", "keine werbung", "désabonné", "désabonnée"}
    | {"désinscrit", "désinscrite", "ne pas contacter", "dado de baja", "dada de baja", "baja"}
    | {"withdrawn", "revoked", "consent withdrawn", "opted out by phone", "objected", "widerrufen"}
    | {"widersprochen", "retiré", "retirado", "retirada", "revocado", "revogado", "revogada"}
    | {"no contactar", "cancelou a inscrição", "descadastrado", "descadastrada", "não contatar"}
)
"""What a cell of a column of another name ("Status") says of an objection."""


_REFUSES = frozenset({"not granted", "not given", "denied", "declined", "refused", "rejected"})
_REFUSES |= {
    "abgelehnt",
    "nicht erteilt",
    "refusé",
    "rechazado",
    "recusado",
    "not subscribed",
    "never subscribed",
}


OBJECTIONS = ("do_not_email", "do_not_call")
OUTCOME_KINDS: Mapping[str, str] = {kind: kind for kind in account_money.KINDS} | {
    **dict.fromkeys(("won", "closed won", "closedwon", "paid"), "converted"),
    **dict.fromkeys(("gewonnen", "gagné", "gagnée", "ganado", "ganada"), "converted"),
    **dict.fromkeys(("ganho", "ganha"), "converted"),
    **dict.fromkeys(("closed lost", "closedlost", "verloren", "perdu", "perdue"), "lost"),
    **dict.fromkeys(("perdido", "perdida"), "lost"),
    **dict.fromkeys(
        ("vinto", "vinta", "chiuso vinto", "wygrana", "wygrane", "wygrany"), "converted"
    ),
    **dict.fromkeys(("kazanıldı", "vunnet", "vundet", "vunnen", "voitettu", "成約"), "converted"),
    **dict.fromkeys(
        ("perso", "persa", "chiuso perso", "przegrana", "przegrane", "przegrany"), "lost"
    ),
    **dict.fromkeys(("kaybedildi", "tapt", "tabt", "förlorad", "失注"), "lost"),
}
"""How tools and people write how a trial ended."""


TOUCH_KINDS: Mapping[str, str] = {
    kind: kind for kind in ("call", "email", "meeting", "chat", "reply")
} | {
    **dict.fromkeys(("phone call", "phone", "calls", "anruf", "telefonat", "telefonanruf"), "call"),
    **dict.fromkeys(("telefon", "appel", "appel téléphonique", "téléphone", "llamada"), "call"),
    **dict.fromkeys(("llamada telefónica", "teléfono", "ligação", "chamada"), "call"),
    **dict.fromkeys(("ligação telefônica", "chamada telefónica", "telefonema"), "call"),
    **dict.fromkeys(("e-mail", "mail", "emails", "e-mails", "courriel", "correo"), "email"),
    **dict.fromkeys(("correo electrónico", "correio eletrônico", "correio eletrónico"), "email"),
    **dict.fromkeys(("appointment", "meetings", "termin", "besprechung", "treffen"), "meeting"),
    **dict.fromkeys(("rendez-vous", "rendez vous", "rdv", "réunion", "cita"), "meeting"),
    **dict.fromkeys(("reunión", "reunião"), "meeting"),
    **dict.fromkeys(("live chat", "conversa por chat"), "chat"),
    **dict.fromkeys(("antwort", "réponse", "respuesta", "resposta"), "reply"),
}
"""How tools and people write how somebody was in touch."""


def is_field(kind: Kind, ours: object) -> bool:
    """Whether a body of this kind has such a field."""
    if not isinstance(ours, str):
        return False
    opened, _, name = ours.partition(".")
    return ours in PLAIN[kind] or (opened in _OPEN[kind] and bool(name))


def usual_field(kind: Kind, column: str) -> str | None:
    """The field that a column of this name usually holds."""
    if kind == "leads":
        return usual_lead_fields([column]).get(column)
    if column in PLAIN[kind]:
        return column
    plain = {bare_heading(name): name for name in PLAIN[kind]}
    tried = (
        _USUAL[kind].get(bare) or _NAMES_LEAD.get(bare) or plain.get(bare)
        for bare in spellings(column)
    )
    known = next((ours for ours in tried if ours is not None), None)
    if known is None and kind == "outcomes" and dates_the_end(column):
        return "at"
    return known


def usual_lead_fields(header: Iterable[str]) -> dict[str, str]:
    """The field each column of a file of leads usually holds; of one field the surest first."""
    columns = list(header)
    fields = {column: "id" for column in columns if _is_id(column)}
    fields |= {column: "email_bounced" for column in columns if tells_bounce(column)}
    for column, known in known_fields(columns, {}).items():
        ours = "external_ids.company" if known == "account" else known
        if column not in fields and is_field("leads", ours):
            fields[column] = ours
    for column in columns:
        if column not in fields and _is_own_user_id(column):
            fields[column] = "external_ids.user"
    return fields


def objections_among(header: Iterable[str]) -> dict[str, str]:
    """The field of each column that says whom not to write to or call, in whichever words."""
    usual = usual_lead_fields(header)
    return {c: ours for c, ours in usual.items() if ours in OBJECTIONS or ours == "email_bounced"}


def _is_id(column: str) -> bool:
    return (
        not bare_heading(column).startswith(_OF_OTHERS)
        and not is_of_somebody_else(column)
        and any(bare in _IDS for bare in spellings(column))
    )


def _is_own_user_id(column: str) -> bool:
    """Whether a heading names the id by which a product knows the lead, as its events do."""
    ids = {name for name, ours in _NAMES_LEAD.items() if ours == "external_ids.user"}
    return bare_heading(column) in ids


def names_somebody(ours: str) -> bool:
    """Whether a field says whom a row is about; an account's id is shared by all of its people."""
    is_external = ours.startswith("external_ids.") and ours != "external_ids.company"
    return is_external or ours in ("id", "lead_id", "email")


def may_object(column: str) -> bool:
    """Whether a heading may say that somebody must not be written to, or may be."""
    bare = bare_heading(column.rpartition(".")[2] or column)  # "subscriptions.quantity"
    return any(word in bare for word in _MAY_OBJECT)


def refuses(text: str) -> bool:
    """Whether a cell says no to what its heading asks, such as "Subscribed"."""
    return (
        as_boolean(text) == "no" or " ".join(text.casefold().replace("_", " ").split()) in _REFUSES
    )


def objects(text: str) -> bool:
    """Whether a cell says that somebody has unsubscribed or must not be contacted."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split()) in _OBJECTS
