"""Gives, gets, windows, and the snapshot they make together."""

from offers.terms.get import Get
from offers.terms.gets import DEEDS, GETS, MAY_FOLLOW, read_get
from offers.terms.gives import GIVES, Give, read_give
from offers.terms.offer import Approval, Terms
from offers.terms.order import Missed, Order
from offers.terms.reading import TermError

__all__ = [
    "DEEDS",
    "GETS",
    "GIVES",
    "MAY_FOLLOW",
    "Approval",
    "Get",
    "Give",
    "Missed",
    "Order",
    "TermError",
    "Terms",
    "read_get",
    "read_give",
]
