"""What Giveget remembers: one SQLAlchemy Core code for SQLite and PostgreSQL.

`Store` runs transactions; the other modules speak the domain (`claims.claim_next`,
`mail.due_mail`), each function taking the open connection.
"""

from __future__ import annotations

from service.db.store import Store

__all__ = ["Store"]
