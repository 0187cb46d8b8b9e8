"""PgBouncer images whose whole configuration comes from variables: what they do not set has PgBouncer's default."""

from __future__ import annotations

import re

_PLAIN = re.compile(
    r"(?:^|/)(?:edoburu|bitnami(?:legacy)?|pgbouncer|brainsam|rmccaffrey|icoretech|cleanstart)/[\w-]*pgbouncer"
)


def takes_variables(image: str) -> bool:
    """The entrypoint writes pgbouncer.ini from variables; other images bring a file nobody sees here."""
    return _PLAIN.search(image) is not None
