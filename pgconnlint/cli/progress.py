"""A sign of life on a terminal, only when a run takes longer than a second."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any

DELAY = 1.0
"""Seconds before anything is shown."""


class Progress:
    """Shows what is being done on standard error; does nothing when that is no terminal."""

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted and sys.stderr.isatty()
        self._stage = "reading"
        self._status: Any = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Progress:
        if self._wanted:
            self._timer = threading.Timer(DELAY, self._show)
            self._timer.daemon = True
            self._timer.start()
        return self

    def _show(self) -> None:
        from rich.console import Console

        with self._lock:
            if self._wanted:
                self._status = Console(stderr=True).status(self._stage)
                self._status.start()

    def __call__(self, stage: str) -> None:
        """Say what is being done now."""
        with self._lock:
            self._stage = stage
            if self._status is not None:
                self._status.update(stage)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._wanted = False
            if self._timer is not None:
                self._timer.cancel()
            if self._status is not None:
                self._status.stop()
                self._status = None
