"""Django 5 as released in November 2026: one connection per thread and alias, closed by the request signals.

Nothing here is acquired by a value; the functions are listed so that calls of them have a name.
"""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Operation

KINDS: tuple[Kind, ...] = ()

FUNCTIONS = (
    Operation("django.db.connection.cursor", also=("django.db.connection.ensure_connection",), manager=True),
    Operation("django.db.connection.close", also=("django.db.connection.close_if_unusable_or_obsolete",), safe=True),
    Operation("django.db.connections.close_all", safe=True),
    Operation("django.db.close_old_connections", safe=True),
    Operation("django.db.transaction.atomic", manager=True, safe=True),
)
