"""Lowering in worker processes, where there is enough of it to pay for starting them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as Overstayed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import msgspec

from pgconnlint.program import ir
from pgconnlint.program.lowered import Store, keep, lowered, stored
from pgconnlint.syntax.document import Document

PAYS_CHARACTERS = 3_000_000
"""Starting two workers costs about half a second; they win it back above roughly this much source."""

OVERSTAYS_SECONDS = 120

Task = tuple[str, str, str]
"""(path, language, text) of a document."""


def processes(wanted: int, characters: int) -> int:
    """How many processes to use: ``wanted``, or for 0 as many as there are cores where it pays."""
    if wanted:
        return wanted
    return min(4, os.cpu_count() or 1) if characters >= PAYS_CHARACTERS else 1


def lower_all(documents: Sequence[Document], count: int, cache: Store | None = None) -> list[ir.Module | str]:
    """The module of each document, in order; a text instead of a module says why there is none."""
    known = [stored(one, cache) for one in documents]
    missing = [document for document, module in zip(documents, known, strict=True) if module is None]
    if not missing:
        return [module for module in known if module is not None]
    made = iter(_in_processes(missing, count))
    results: list[ir.Module | str] = []
    for document, module in zip(documents, known, strict=True):
        one = module if module is not None else next(made)
        if module is None and not isinstance(one, str):
            keep(document, one, cache)
        results.append(one)
    return results


def _in_processes(documents: Sequence[Document], count: int) -> list[ir.Module | str]:
    tasks = [(one.path, one.language, one.text) for one in documents]
    results: list[ir.Module | str] = []
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"))
    try:
        futures = [pool.submit(_lower, task) for task in tasks]
        for future in futures:
            try:
                content = future.result(OVERSTAYS_SECONDS)
            except Overstayed:
                results.append(f"took longer than {OVERSTAYS_SECONDS} seconds")
            except BrokenProcessPool:
                results.append("the worker process ended")
            else:
                results.append(content if isinstance(content, str) else _decoded(content))
    finally:
        for process in list(getattr(pool, "_processes", {}).values()) if len(results) < len(tasks) else ():
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
    return results


def _lower(task: Task) -> bytes | str:
    path, language, text = task
    try:
        return msgspec.msgpack.encode(lowered(Document(path, language, text), None))
    except Exception as error:  # crosses a process: the reader makes a Failure of it
        return f"{type(error).__name__}: {error}"


def _decoded(content: bytes) -> ir.Module | str:
    try:
        return msgspec.msgpack.decode(content, type=ir.Module)
    except (msgspec.MsgspecError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"
