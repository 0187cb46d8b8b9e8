"""How heavily a lifetime counts: what lowers a finding below its rule's severity."""

from __future__ import annotations

import re

from pgconnlint.finding import Severity
from pgconnlint.program.facts import Context, Lifetime

_TEST = re.compile(
    r"(^|/)(tests?|__tests__|spec|specs|e2e|fixtures?)/|(^|/)(test_[^/]*|conftest)\.py$|[._](test|spec)\.\w+$"
)

_HELPERS = re.compile(r"test|spec|e2e|fixture|mock|seed|jest|cypress", re.IGNORECASE)
"""Paths of what only tests use: other code that a test calls is what it tests."""


def in_tests(lifetime: Lifetime) -> bool:
    """The code belongs to tests: judged like other code, but it takes no slot from production."""
    if _TEST.search(lifetime.at.path) is not None:
        return True
    return lifetime.contexts == {Context.TEST} and _HELPERS.search(lifetime.at.path) is not None


def rescued(lifetime: Lifetime) -> bool:
    """CPython closes the connection as soon as nothing refers to it."""
    return lifetime.collected and not lifetime.pooled and lifetime.language == "python"


def severity(lifetime: Lifetime) -> Severity:
    """ERROR, one step less where the collector rescues, one step less in tests."""
    steps = rescued(lifetime) + in_tests(lifetime)
    return Severity(max(Severity.NOTE, Severity.ERROR - steps))


def named(lifetime: Lifetime) -> str:
    """ "client `client`" or just "client" where it has no name."""
    return f"{lifetime.what} `{lifetime.variable}`" if lifetime.variable else lifetime.what
