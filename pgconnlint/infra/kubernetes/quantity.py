"""Kubernetes quantities: `512Mi`, `1.5Gi`, `2G`, `1e9`."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)(Ki|Mi|Gi|Ti|Pi|Ei|m|k|M|G|T|P|E)?\s*")
_FACTORS = {
    None: Decimal(1), "m": Decimal("0.001"),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9), "T": Decimal(10**12),
    "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40),
    "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip


def quantity(written: str) -> int | None:
    """The whole number a quantity stands for (bytes, for memory); None if it is none.

    Source: apimachinery `resource.Quantity`; suffixes are case-sensitive, `m` is a thousandth.
    """
    found = _QUANTITY.fullmatch(written)
    return int(Decimal(found[1]) * _FACTORS[found[2]]) if found else None
