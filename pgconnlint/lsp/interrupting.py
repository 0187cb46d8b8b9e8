"""Ending work in another thread at once: an analysis that a keystroke has made out of date."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable


class Interrupted(BaseException):
    """The work is out of date. Not an Exception: nothing that guards against crashing rules may catch it."""


class Interruptible:
    """Runs work in the thread that calls `run`; `interrupt` ends it from another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None

    def run(self, work: Callable[[], None]) -> bool:
        """Whether the work came to its end."""
        try:
            with self._lock:
                self._thread = threading.get_ident()
            work()
            self._finish()
            return True
        except Interrupted:
            self._finish()
            return False

    def _finish(self) -> None:
        """From here on nothing interrupts; an interruption that is under way is swallowed here."""
        while True:
            try:
                with self._lock:
                    if self._thread is not None:
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)
                    self._thread = None
                return
            except Interrupted:
                continue

    def interrupt(self) -> None:
        """End the work that is running, if any; it stops between two steps of the interpreter."""
        with self._lock:
            if self._thread is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(Interrupted))
