"""Work that is ended from another thread ends, and the thread that did it goes on."""

from __future__ import annotations

import threading
import time

import pytest

from pgconnlint.lsp.interrupting import Interrupted, Interruptible


def test_work_ends_at_once_and_the_thread_goes_on() -> None:
    current, ends, started = Interruptible(), [], threading.Event()

    def endless() -> None:
        started.set()
        while True:
            time.sleep(0)

    def loop() -> None:
        ends.append(current.run(endless))
        ends.append(current.run(lambda: None))

    thread = threading.Thread(target=loop)
    thread.start()
    assert started.wait(10)
    current.interrupt()
    thread.join(10)
    assert ends == [False, True]


def test_interrupting_at_any_moment_never_ends_the_thread() -> None:
    current, stop, ends = Interruptible(), threading.Event(), {True: 0, False: 0}

    def loop() -> None:
        while not stop.is_set():
            try:
                ends[current.run(lambda: sum(range(50)))] += 1
            except Interrupted:
                ends[False] += 1

    thread = threading.Thread(target=loop)
    thread.start()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and thread.is_alive():
        current.interrupt()
        time.sleep(0)
    assert thread.is_alive()
    stop.set()
    thread.join(10)
    assert ends[True] > 0
    assert ends[False] > 0


def test_an_exception_of_the_work_is_passed_on() -> None:
    current = Interruptible()

    def failing() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        current.run(failing)
    current.interrupt()  # there is nothing to interrupt
    assert current.run(lambda: None)
