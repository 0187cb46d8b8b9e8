"""The thread that analyses: one project at a time, what was asked for last first, nothing that is out of date."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from pgconnlint.lsp.session import Session, State

Done = Callable[[Session, State | None, str], None]
"""(session, what is known now, the error that ended the analysis or "")"""


class Interrupted(BaseException):
    """The analysis is out of date. Not an Exception: nothing that guards against crashing rules may catch it."""


class Analyst:
    """Analyses sessions that were asked for, ``delay`` seconds after the last time they were asked for."""

    def __init__(self, work: Callable[[Session, Callable[[], None]], State], done: Done, delay: float = 0.15) -> None:
        self._work = work
        self._done = done
        self.delay = delay
        self._due: dict[Path, tuple[float, Session]] = {}
        self._errands: list[Callable[[], None]] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._running: Path | None = None
        self._thread = threading.Thread(target=self._loop, name="analyst", daemon=True)

    def start(self) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def ask(self, session: Session, *, at_once: bool = False, before: Callable[[], None] | None = None) -> None:
        """Analyse ``session``; an analysis of it that is under way ends. ``before`` runs first, in the thread."""
        with self._changed:
            if before is not None:
                self._errands.append(before)
            self._due[session.root] = (time.monotonic() + (0 if at_once else self.delay), session)
            self._changed.notify()

    def pending(self, session: Session) -> bool:
        """Whether an analysis is still to come or under way."""
        with self._changed:
            return session.root in self._due or self._running == session.root

    def _loop(self) -> None:
        while True:
            session = self._next()
            if session is None:
                return
            self._run(session)

    def _next(self) -> Session | None:
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                while self._errands:
                    self._errands.pop(0)()
                ready = [(due, root) for root, (due, _) in self._due.items() if due <= now]
                if ready:
                    root = min(ready)[1]
                    self._running = root
                    return self._due.pop(root)[1]
                soonest = min((due for due, _ in self._due.values()), default=None)
                self._changed.wait(None if soonest is None else max(0.001, soonest - now))
            return None

    def _run(self, session: Session) -> None:
        def checkpoint() -> None:
            if self._stopping or session.root in self._due:
                raise Interrupted

        state: State | None = None
        error = ""
        try:
            state = self._work(session, checkpoint)
        except Interrupted:
            return
        except Exception as crash:  # the last border: the server goes on with what it knew
            error = f"{type(crash).__name__}: {crash}"
        finally:
            with self._changed:
                self._running = None
        self._done(session, state, error)
