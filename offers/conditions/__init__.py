"""The `when` language: one parsed form, five uses.

    parse_condition(text)      -> Node, or the problems with line and column   (parse.py)
    truth(node, situation)     -> True, False or None (unknown)                (evaluate.py)
    reasons(node, situation)   -> what is missing, in words                    (explain.py)
    program(nodes)             -> the same, compiled for speed                 (compiled.py)
    column(node)               -> the same over a table                        (vectors.py)
    solver terms               -> the same for every situation at once         (solver.py)

To add a kind of clause: a dataclass in nodes.py, a case in each of the files above, and a line
in `tests/cases/offers/conditions.toml`.
"""

from offers.conditions.evaluate import truth
from offers.conditions.explain import reasons
from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Within, negate
from offers.conditions.parse import parse_condition

__all__ = [
    "All",
    "Any",
    "Compare",
    "Constant",
    "Flag",
    "Name",
    "Node",
    "Within",
    "negate",
    "parse_condition",
    "reasons",
    "truth",
]
