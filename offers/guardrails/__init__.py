"""What no rule may break. Each guardrail is one function, named as its policy key.

Three kinds, by what they look at: the situation (clauses.py, written as conditions, so that
one definition decides, runs over tables and enters the proof), the price of the trade
(priced.py), and what the offer adds up to (spent.py).

To add one: a function in the file of its kind and in that file's table; a kept and a refused
case in `tests/cases/offers/guardrails.toml`; its sentence in reasons.py; if the policy sets
it, a field in `rules.Limits`.
"""

from offers.guardrails.clauses import CLAUSES, GEO_FACTS, Clause, clauses_of
from offers.guardrails.priced import PRICED, priced_results
from offers.guardrails.result import GuardrailResult
from offers.guardrails.spent import SPENT, Spending, spent_results

GUARDRAILS = (*CLAUSES, *PRICED, *SPENT)
"""The names of all guardrails."""

__all__ = [
    "CLAUSES",
    "GEO_FACTS",
    "GUARDRAILS",
    "PRICED",
    "SPENT",
    "Clause",
    "GuardrailResult",
    "Spending",
    "clauses_of",
    "priced_results",
    "spent_results",
]
