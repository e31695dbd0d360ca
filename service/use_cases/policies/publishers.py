"""Who may publish a policy: a manager or an admin, by a log-in or by a key."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from service.errors import NotAllowed
from service.store.ops import keys, users
from service.use_cases.access.heads import head_of

_ROLES = frozenset({"manager", "admin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A log-in or a key that publishes, by the id under which a publication is kept."""

    id: str
    called: frozenset[str]
    """What they may be called: id, mail address and name, in lower case."""
    says: str
    """How a sentence names them."""


def publisher(connection: sa.Connection, who: str) -> Publisher:
    """The one who is called `who`. Raises NotAllowed, which lists who may publish."""
    known = _publishers(connection)
    found = [each for each in known if who.strip().lower() in each.called]
    if len(found) == 1:
        return found[0]
    wrong = f"{who} is the name of several" if found else f"{who} may not publish a policy"
    if not known:
        mend = "nobody here may yet: giveget people add MAIL --name NAME --role manager"
    else:
        mend = "these may: " + ", ".join(each.says for each in known)
    raise NotAllowed("wrong_role", f"{wrong}; {mend}")


def written_by(connection: sa.Connection, author: str) -> str:
    """The id of the one person whose mail address or name this is; else the text itself."""
    found = _people_called(connection, author)
    return found[0] if len(found) == 1 else author


def is_one_person(connection: sa.Connection, author: str, by: str) -> bool:
    """Whether who wrote a policy is who publishes it, whatever they act as.

    An author who was only named may be anybody of that name.
    """
    authors = _people_called(connection, author) or [author]
    return head_of(connection, by) in {head_of(connection, each) for each in authors}


def _people_called(connection: sa.Connection, who: str) -> list[str]:
    spelled = who.strip().lower()
    return [
        person.id
        for person in users.everyone(connection)
        if spelled in (person.id, person.login.lower(), person.name.lower())
    ]


def _publishers(connection: sa.Connection) -> list[Publisher]:
    people = [
        Publisher(
            id=person.id,
            called=frozenset({person.id, person.login.lower(), person.name.lower()}),
            says=f"{person.login} ({person.name})",
        )
        for person in users.working(connection)
        if _ROLES.intersection(person.roles)
    ]
    by_key = [
        Publisher(id=key.id, called=frozenset({key.id}), says=f"{key.id} ({key.name or key.role})")
        for key in keys.listed(connection)
        if key.revoked_at is None and key.role in _ROLES
    ]
    return people + by_key
