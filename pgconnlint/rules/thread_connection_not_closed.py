"""A thread uses Django's ORM and never closes the connection that Django opened for it.

Django keeps one connection per thread and closes it when a *request* ends. In a thread of your own no request ends: the
connection stays open after the thread is gone, until the garbage collector finds it, and in an executor's thread for as
long as the executor lives. Close it in the thread itself, when the work is done.

Bad:

```python path=shop/views.py
import threading
from django.http import HttpResponse
from shop.models import Order


def recount(order_id):
    order = Order.objects.get(pk=order_id)
    order.recount()


def update(request, order_id):
    threading.Thread(target=recount, args=(order_id,)).start()
    return HttpResponse("ok")
```

Good:

```python path=shop/views.py
import threading
from django.db import connection
from django.http import HttpResponse
from shop.models import Order


def recount(order_id):
    try:
        order = Order.objects.get(pk=order_id)
        order.recount()
    finally:
        connection.close()


def update(request, order_id):
    threading.Thread(target=recount, args=(order_id,)).start()
    return HttpResponse("ok")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Confidence, Finding, Severity, Step, StepKind
from pgconnlint.project import Project
from pgconnlint.rule import Rule, Subject

RULE = Rule(
    id="PGC112",
    name="thread-connection-not-closed",
    severity=Severity.WARNING,
    subject=Subject.PROJECT,
    formats=("python",),
    tags=("lifetime", "django", "threads"),
)


def check(subject: Project, project: Project) -> Iterator[Finding]:
    for thread in subject.program.threads:
        yield Finding(
            message=f"`{thread.target}` runs in a thread and uses the ORM; nothing closes the thread's connection",
            location=thread.started,
            help=f"in `{thread.target}`: `try: ... finally: connection.close()` (from `django.db import connection`)",
            steps=(Step(StepKind.FLOW, f"`{thread.use_call}` opens a connection for the thread", thread.use),),
            confidence=Confidence.MEDIUM,
            key=thread.target,
        )
