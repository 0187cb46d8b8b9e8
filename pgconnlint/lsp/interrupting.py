"""Ending work in another thread at once: an analysis that a keystroke has made out of date."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable


class Interrupted(BaseException):
    """The work is out of date. Not an Exception: nothing that guards against crashing rules may catch it."""


class Interruptible:
    """Runs work in the thread that calls `run`; `interrupt` ends it from another one.

    At most one exception is sent into each run: whoever has caught it knows that no other will come.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None

    def run(self, work: Callable[[], None]) -> bool:
        """Whether the work came to its end. An exception of the work itself is passed on."""
        try:
            try:
                with self._lock:
                    self._thread = threading.get_ident()
                work()
            finally:
                self._disarm()
        except Interrupted:
            self._disarm()
            return False
        return True

    def _disarm(self) -> None:
        """From here on nothing interrupts; what was sent and has not arrived is taken back."""
        with self._lock:
            self._thread = None
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.get_ident()), None)

    def interrupt(self) -> None:
        """End the work that is running, if any; it stops between two steps of the interpreter."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Interrupted))
