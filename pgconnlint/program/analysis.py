"""From files to a Program: filter, lower, link, solve. The only entry point for the project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from pgconnlint.config import Config
from pgconnlint.finding import Failure, FailureKind
from pgconnlint.program.calls import call_sites
from pgconnlint.program.contexts import Contexts, contexts, reaching
from pgconnlint.program.facts import CallSite, FunctionFact, Lifetime, PoolFact, Program, StatementFact
from pgconnlint.program.forks import forks
from pgconnlint.program.lifetimes import lifetime
from pgconnlint.program.link import Linked
from pgconnlint.program.lowered import Store
from pgconnlint.program.manifests import declares_postgres, elsewhere, packages
from pgconnlint.program.pools import other_databases, pools
from pgconnlint.program.reading import Reading
from pgconnlint.program.retries import retries
from pgconnlint.program.statements import statements
from pgconnlint.program.streams import streams
from pgconnlint.program.summarising import solve
from pgconnlint.program.threads import threads
from pgconnlint.program.transactions import transactions
from pgconnlint.program.types import FunctionId
from pgconnlint.syntax.files import Files

_ROUNDS = 3
Fact = TypeVar("Fact", PoolFact, StatementFact, CallSite)


def analyse(files: Files, config: Config, *, workers: int = 1, cache: Store | None = None) -> Program:
    """Every fact about the source files among ``files``."""
    reading = Reading(files, cache, workers)
    reading.first(config)
    linked = reading.linked(config)
    for _ in range(_ROUNDS):
        if not reading.more(*_wrappers(linked)):
            break
        linked.inference.discard()
        linked = reading.linked(config)
    reading.shapes.forget()
    found = contexts(linked)
    declared = packages(files)
    postgres = declares_postgres(files, declared)
    others = other_databases(linked, found, postgres=postgres, read=files.data) | elsewhere(files, declared)
    functions, lifetimes = _functions(linked, found, others)
    for (path, name), reason in sorted(linked.complex.items()):
        line = linked.documents[path].lines.position(linked.functions[path, name].at[0]).line
        files.fail(Failure(path, FailureKind.TOO_COMPLEX, f"function `{name}` was not analysed: {reason}", line))
    return Program(
        functions=functions,
        pools=_kept(pools(linked, found, postgres=postgres, read=files.data), others),
        statements=_kept(statements(linked, found.constants), others),
        threads=threads(linked, found),
        retries=retries(linked),
        forks=forks(linked, found),
        transactions=transactions(linked, found.constants),
        streams=streams(linked, found.constants, found),
        calls=_kept(call_sites(linked, found, lifetimes), others),
        failures=(),
        analysed=len(reading.modules),
    )


def _wrappers(linked: Linked) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Names of this project through which connections are reached, by the path of their file.

    First all of them: pools, factories, functions that return or open connections, and those that call them.
    Then those that files may use without importing anything, on an object they are given: what gives connections.
    """
    every: dict[str, set[str]] = defaultdict(set)
    giving: dict[str, set[str]] = defaultdict(set)
    reached = reaching(linked)
    for path, module in linked.modules.items():
        every[path].update(one.name for one in module.functions if one.name in reached)
        every[path].update(one.id for one in module.classes if one.id in reached)
    for key, types in linked.inference.facts.items():
        if key[0] in ("variable", "return", "yield", "field") and any(one[0] == "kind" for one in types):
            last = key[-1].rpartition(".")[2]
            if key[0] != "variable" or "." in key[2]:  # a variable of a module takes an import
                giving[key[1]].add(last)
            every[key[1]].update((last, key[2].partition(".")[0]) if key[0] != "field" else (last,))
    return _written(every), _written(giving)


def _written(found: dict[str, set[str]]) -> dict[str, set[str]]:
    named = {
        path: {name for name in names if name.isidentifier() and not name.startswith("__")}
        for path, names in found.items()
    }
    return {path: names for path, names in named.items() if names}


def _kept(facts: Iterable[Fact], others: frozenset[str]) -> tuple[Fact, ...]:
    """Without what is of other databases."""
    return tuple(one for one in facts if (one.row or "").partition(".")[0] not in others)


def _functions(
    linked: Linked, found: Contexts, others: frozenset[str]
) -> tuple[tuple[FunctionFact, ...], dict[FunctionId, list[Lifetime]]]:
    swallowed = _swallowed(linked)
    facts: list[FunctionFact] = []
    every: dict[FunctionId, list[Lifetime]] = defaultdict(list)
    for function_id in linked.functions:
        if function_id in swallowed:
            continue
        solved = solve(linked, function_id)
        if solved.unit is None:
            continue
        given = found.get(function_id)
        for site, outcome in solved.sites:
            fact = lifetime(linked, solved.unit, site, outcome, given)
            if fact is not None and site.kind.id.partition(".")[0] not in others:
                every[function_id].append(fact)
        function, document = linked.functions[function_id], linked.documents[function_id[0]]
        if every[function_id]:
            at = document.at(*function.at)
            path, language = function_id[0], linked.modules[function_id[0]].language
            facts.append(FunctionFact(path, language, function.id, at, given, tuple(every[function_id])))
    return tuple(sorted(facts, key=lambda fact: (fact.path, fact.at.span, fact.name))), every


def _swallowed(linked: Linked) -> set[FunctionId]:
    """Closures that were solved as part of the functions around them."""
    found: set[FunctionId] = set()
    for function_id, function in linked.functions.items():
        if function.parent is None or function_id not in found:
            solved = solve(linked, function_id)
            if solved.unit is not None:
                found.update((function_id[0], name) for name in solved.unit.swallowed)
    return found
