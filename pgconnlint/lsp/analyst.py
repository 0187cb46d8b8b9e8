"""The thread that analyses: keystrokes first, then whole projects; what is out of date ends at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pgconnlint.lsp.interrupting import Interrupted, Interruptible
from pgconnlint.lsp.session import Session

DELAY = 0.1
"""Seconds without a further change after which a whole project is analysed again."""


@dataclass(slots=True)
class _Wanted:
    session: Session
    due: float
    errands: list[Callable[[], None]] = field(default_factory=list)
    quick: dict[str, Callable[[], None]] = field(default_factory=dict)
    whole: bool = False


class Analyst:
    """``whole`` analyses a session; ``failed`` is told what ended an analysis that should not have ended.

    ``settled`` is called whenever there is nothing left to do.
    """

    def __init__(
        self,
        whole: Callable[[Session, Callable[[], None]], None],
        failed: Callable[[Session, str], None],
        settled: Callable[[], None],
    ) -> None:
        self._whole = whole
        self._failed = failed
        self._settled = settled
        self._wanted: dict[Path, _Wanted] = {}
        self._changed = threading.Condition()
        self._running: Session | None = None
        self._stopping = False
        self._current = Interruptible()
        self._thread = threading.Thread(target=self._loop, name="analyst", daemon=True)

    def start(self) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """End the thread; what is under way is given up."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
            self._current.interrupt()
        if self._thread.is_alive():
            self._thread.join(2)

    def ask(
        self,
        session: Session,
        *,
        at_once: bool = False,
        errand: Callable[[], None] | None = None,
        quick: tuple[str, Callable[[], None]] | None = None,
    ) -> None:
        """Analyse ``session`` when nothing has changed for a while, or ``at_once``.

        ``errand`` is done before anything else is, ``quick`` as soon as possible; one named the same is not done then.
        """
        with self._changed:
            now = time.monotonic()
            wanted = self._wanted.get(session.root)
            if wanted is None or wanted.session is not session:
                wanted = self._wanted[session.root] = _Wanted(session, now)
            wanted.due = now if at_once else now + DELAY
            wanted.whole = True
            if errand is not None:
                wanted.errands.append(errand)
            if quick is not None:
                wanted.quick[quick[0]] = quick[1]
            running = self._running
            if running is session and session.state is not None:
                self._current.interrupt()
            self._changed.notify()

    def busy(self, session: Session | None = None) -> bool:
        """Whether an analysis (of this session) is still to come or under way."""
        with self._changed:
            if session is None:
                return bool(self._wanted) or self._running is not None
            return session.root in self._wanted or self._running is session

    def _loop(self) -> None:
        while (taken := self._next()) is not None:
            session, work = taken
            try:
                self._current.run(work)
            except Interrupted:  # it arrived while an earlier one was being handled: the run is over all the same
                pass
            except Exception as crash:  # the last border: the server goes on with what it knew
                self._failed(session, f"{type(crash).__name__}: {crash}")
            finally:
                with self._changed:
                    self._running = None
                    idle = not self._wanted
            if idle:
                self._settled()

    def _next(self) -> tuple[Session, Callable[[], None]] | None:
        with self._changed:
            while not self._stopping:
                now = time.monotonic()
                found = self._ready(now)
                if found is not None:
                    self._running = found[0]
                    return found
                soonest = min((one.due for one in self._wanted.values()), default=None)
                self._changed.wait(None if soonest is None else max(0.001, soonest - now))
            return None

    def _ready(self, now: float) -> tuple[Session, Callable[[], None]] | None:
        for wanted in self._wanted.values():
            for errand in wanted.errands:
                errand()
            wanted.errands.clear()
        for wanted in self._wanted.values():
            for name in tuple(wanted.quick):
                return wanted.session, wanted.quick.pop(name)
        due = [one for one in self._wanted.values() if one.due <= now]
        if not due:
            return None
        session = min(due, key=lambda one: one.due).session
        del self._wanted[session.root]
        return session, lambda: self._whole(session, lambda: self._checkpoint(session))

    def _checkpoint(self, session: Session) -> None:
        """Ends an analysis that is out of date, also where `interrupt` was swallowed."""
        if self._stopping or (session.state is not None and session.root in self._wanted):
            raise Interrupted
