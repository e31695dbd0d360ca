"""Asks DNS whether leads' mail domains take mail; nobody waits for the answer.

A lead is asked for whenever it changed; what is not answered within seconds stays unknown until
it changes again, as every lead does that is looked at from day to day.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from service.integrations.mail_domains import MailDomains
from service.runtime import Runtime
from service.store.leads import changes, leads
from service.store.leads.changes import Place
from service.store.ops import jobs
from service.use_cases.leads.mail_domain import note_mail_domain, told_domain
from service.use_cases.tx import transact

_MARK = "dns:mark"
_LAP = timedelta(seconds=10)
"""Looked at twice: a transaction may commit after a later one."""
_A_ROUND = 200
_SECONDS = 2.0
"""The worker's other steps wait no longer."""


async def look_up_domains(runtime: Runtime) -> int:
    """The number of leads of whose mail domain something new became known."""
    domains = runtime.tools.mail_domains
    if domains is None:
        return 0
    now = runtime.clock.now()
    place = await runtime.store.read(_mark)
    changed = await runtime.store.read(lambda c: changes.leads_after(c, place, _A_ROUND))
    if not changed:
        return 0
    ids = list(dict.fromkeys(lead for _, lead in changed))
    found = await runtime.store.read(lambda c: leads.some(c, ids))
    asked = {lead.id: told for lead in found if (told := told_domain(lead)) is not None}
    answers = await _answers(domains, {domain for domain, _ in asked.values()})
    noted = 0
    for lead, (domain, before) in asked.items():
        takes_mail = answers.get(domain)
        if takes_mail is not None and takes_mail is not before:
            work = partial(note_mail_domain, lead_id=lead, domain=domain, takes_mail=takes_mail)
            noted += await transact(runtime, work)
    at, last = changed[-1] if len(changed) == _A_ROUND else (now - _LAP, "")
    if (at, last) > place:
        mark = f"{at.isoformat()} {last}"
        await runtime.store.write(lambda c: jobs.put_mark(c, _MARK, mark, now))
    return noted


async def _answers(domains: MailDomains, asked: set[str]) -> dict[str, bool | None]:
    """What DNS says within the time there is."""
    if not asked:
        return {}
    tasks = {asyncio.create_task(domains.takes_mail(domain)): domain for domain in asked}
    done, late = await asyncio.wait(tasks, timeout=_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return {tasks[task]: task.result() for task in done}


def _mark(connection: sa.Connection) -> Place:
    found = jobs.find(connection, _MARK)
    if found is None or found.told is None:
        return datetime(1970, 1, 1, tzinfo=UTC), ""
    at, _, lead = found.told.partition(" ")
    return datetime.fromisoformat(at), lead
