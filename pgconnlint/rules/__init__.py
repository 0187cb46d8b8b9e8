"""One rule per module; the module is named as the rule. Found by looking, never registered."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pgconnlint import suppress
from pgconnlint.finding import Finding
from pgconnlint.rule import Rule


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule module taken apart: its docstring, metadata and check function."""

    rule: Rule
    check: Callable[[Any, Any], Iterator[Finding]]
    doc: str
    module: str

    @property
    def summary(self) -> str:
        return self.doc.strip().splitlines()[0]


@cache
def load() -> tuple[LoadedRule, ...]:
    """Every rule there is, ordered by id."""
    loaded = []
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        loaded.append(LoadedRule(module.RULE, module.check, module.__doc__ or "", info.name))
    return tuple(sorted(loaded, key=lambda one: one.rule.id))


def _silent(subject: object, project: object) -> Iterator[Finding]:
    return iter(())


@cache
def catalogue() -> tuple[LoadedRule, ...]:
    """Every rule there is, with the engine's own (``PGC0xx``, about ignore comments), ordered by id."""
    own = ((suppress.UNUSED, suppress.UNUSED_DOC), (suppress.UNKNOWN, suppress.UNKNOWN_DOC))
    return (*(LoadedRule(rule, _silent, doc, "") for rule, doc in own), *load())
