"""Every code of an answer, from service/lists/problems.toml."""

from __future__ import annotations

from service.api.problem_codes import catalogue
from tests.reference.markdown import code, page, table

_BEGIN = """\
Every refusal is `application/problem+json` (RFC 9457):

```json
{
  "type": "/docs/errors/key_reused",
  "title": "Conflict",
  "status": 409,
  "code": "key_reused",
  "detail": "this id came before, with another body"
}
```

`type` is an address on the server that answered: it shows what stands here. `code` never changes
its meaning; `detail` is for people and may. `errors` lists wrong fields as `{path, code, message}`;
no answer repeats what was sent. Each 5xx carries `x-request-id`, which the log has; each refused
call below `/v1/` carries one too, by which *Calls* has it: your own message id if you sent one."""
_PYDANTIC = "https://docs.pydantic.dev/latest/errors/validation_errors/"


def errors() -> str:
    """The page."""
    told = catalogue()
    parts = []
    seen: set[str] = set()
    for status in told.statuses:
        parts.append(f"## {status}")
        for one in told.problems.values():
            if status not in one.status:
                continue
            if one.code in seen:
                parts.append(f"[`{one.code}`](#{one.code}), as above.")
                continue
            seen.add(one.code)
            parts += [f"### {one.code}", f"{one.means} **Do:** {one.mend}"]
    fields = table(["code", "means"], ((code(c), m) for c, m in told.fields.items()))
    warnings = table(["code", "means"], ((code(c), m) for c, m in told.warnings.items()))
    return page(
        "Errors",
        _BEGIN,
        *parts,
        "## Wrong fields",
        "The `code` of an element of `errors` is one of these, or a type of"
        f" [Pydantic]({_PYDANTIC}) such as `missing`, `string_too_long` or `extra_forbidden`.",
        fields,
        "## Warnings",
        "What was taken, and not as it was meant: `warnings` lists `{field, code, message}`.",
        warnings,
    )
