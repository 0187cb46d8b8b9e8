"""From what exploring a site found to the facts that rules and editors read: one verdict, one story."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from pgconnlint.finding import Confidence, Step, StepKind
from pgconnlint.program import ir
from pgconnlint.program.cfg import RESULT, Branch, Enter
from pgconnlint.program.facts import Context, Lifetime, Verdict
from pgconnlint.program.fields import shown, stored_at
from pgconnlint.program.link import Linked
from pgconnlint.program.oneshot import oneshot
from pgconnlint.program.safety import Risk
from pgconnlint.program.solver import Outcome, Place, Site
from pgconnlint.program.state import State, Status
from pgconnlint.program.unit import Unit
from pgconnlint.program.walking import walk
from pgconnlint.program.weight import in_tests
from pgconnlint.syntax.document import Document

_LONG = 60
_SCRIPTS = re.compile(
    r"(^|/)(scripts?|bin|cli|tools|seeds?|seeders)/|(^|/)[\w.-]*(setup|seed|teardown)\.\w+$"
    r"|(^|/)(setup|reset|seed|create|drop|migrate)_(db|database|tables?)\.\w+$",
    re.IGNORECASE,
)
"""Where programs live that run once and end."""
_MOCK = re.compile(
    r"""\b(?:jest|vi|vitest)\.(?:mock|doMock)\(\s*["'`](?:pg|pg-pool|postgres|typeorm|sequelize|knex)["'`]"""
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The verdict with the place where it shows."""

    verdict: Verdict
    place: Place | None = None
    confidence: Confidence = Confidence.HIGH
    note: str = ""


def lifetime(linked: Linked, unit: Unit, site: Site, outcome: Outcome, contexts: frozenset[Context]) -> Lifetime | None:
    """The fact about one site; None when it never came to hold anything."""
    judged = _judge(unit, site, outcome, contexts)
    if judged.verdict is Verdict.ON_ERROR and site.form == "value" and _ends_program(unit, outcome, judged.place):
        judged = replace(judged, confidence=Confidence.LOW, note="nothing catches what a driver's callback throws")
    if site.sometimes:
        judged = replace(judged, confidence=Confidence.LOW, note="not on every path the caller's to give back")
    if site.kind.lazy and not outcome.held:
        return None
    document = linked.documents[site.path or unit.path]
    at = _where(unit, site, outcome, judged.place)
    trail = _trail(outcome, judged.place) if judged.place is not None else []
    if _forgets(unit, trail):
        judged = replace(
            judged, confidence=Confidence.LOW, note="too many ways through the function to tell them apart"
        )
    variable = _variable(unit, site)
    breaker = _breaker(unit, judged, trail)
    fact = Lifetime(
        verdict=judged.verdict,
        row=site.row,
        library=site.kind.library,
        language=unit.language,
        at=document.at(*at),
        call=_text(document, at),
        what=site.kind.what,
        variable=variable,
        release=_release(linked, document, site, variable),
        function=unit.function.id,
        steps=tuple(_steps(linked, unit, site, document, judged, at, breaker)),
        breaker=linked.documents[unit.path].at(*breaker) if breaker else None,
        breaker_call=_text(linked.documents[unit.path], breaker) if breaker else "",
        pooled=site.kind.pooled,
        collected=site.kind.collected,
        confidence=judged.confidence,
        contexts=contexts,
        note=judged.note,
    )
    if _is_mocked(linked, unit, fact):
        return replace(fact, verdict=Verdict.ESCAPES, note="the library is mocked")
    return replace(fact, confidence=Confidence.LOW) if _ends_anyway(linked, unit, fact) else fact


def _ends_program(unit: Unit, outcome: Outcome, place: Place | None) -> bool:
    """What a call throws in a callback of the driver nobody can catch: the program ends, its connections with it."""
    if unit.language != "javascript" or unit.function.is_async or place is None:
        return False
    return place in outcome.ends.get("raise", []) and place[1].error <= Risk.HIGH


def _is_mocked(linked: Linked, unit: Unit, fact: Lifetime) -> bool:
    """A test that puts something else in the library's place (`jest.mock("pg")`) opens no connections."""
    return in_tests(fact) and mocks(linked.documents[unit.path].text)


def mocks(text: str) -> bool:
    """The file puts something else in a library's place."""
    return _MOCK.search(text) is not None


def _ends_anyway(linked: Linked, unit: Unit, fact: Lifetime) -> bool:
    """An error that leaves a connection open ends the test run or the program, and with it the connection."""
    if fact.verdict not in (Verdict.ON_ERROR, Verdict.EARLY_EXIT):
        return False
    if fact.contexts & {Context.HANDLER, Context.JOB, Context.SERVERLESS, Context.WORKER, Context.LOOP}:
        return False
    failing = fact.verdict is Verdict.ON_ERROR
    once = in_tests(fact) or fact.contexts & {Context.SCRIPT, Context.STARTUP} or _SCRIPTS.search(unit.path)
    if failing and not fact.pooled and (once or (unit.language == "python" and oneshot(linked, unit.id))):
        return True
    top = linked.functions.get((unit.path, ir.MODULE))
    started = [one for one in walk(top.body) if isinstance(one, ir.Call)] if top is not None else []
    if not failing:  # the program ends where its last call returns
        started = sorted(started, key=lambda one: one.at)[-1:]
    return any(
        callee.function == unit.id for call in started for callee in linked.callees((unit.path, ir.MODULE), call)
    )


# -- the verdict


def _judge(unit: Unit, site: Site, outcome: Outcome, contexts: frozenset[Context]) -> _Judged:
    """One verdict: the most specific."""
    leaving = outcome.ends.get("return", [])
    raising = outcome.ends.get("raise", [])
    neglected = not outcome.released and not outcome.escaped
    if unit.language == "python" and any(place[1].values & unit.owned for place in _unforced(outcome, leaving)):
        return _Judged(Verdict.ESCAPES, note="the object keeps it")
    if outcome.overwritten and outcome.kept is not None and neglected:
        return _Judged(Verdict.WITH_KEEPS_OPEN, outcome.kept)
    if outcome.overwritten:
        failing = [place for place in outcome.overwritten if _raised_on(outcome, place)]
        retried = outcome.released and len(failing) == len(outcome.overwritten)  # an error, and the loop goes on
        return _worst(Verdict.ON_ERROR if retried else Verdict.OVERWRITTEN, outcome.overwritten)
    module = unit.function.id == ir.MODULE
    if neglected:
        if module and not outcome.twice and not _is_dropped(unit, site):
            return _Judged(Verdict.ESCAPES, note="lives as long as the process")
        if outcome.listens and Context.HANDLER not in contexts:
            return _Judged(Verdict.ESCAPES, note="listens as long as the process")
        if not leaving and _serves(unit, site):
            return _Judged(Verdict.ESCAPES, note="held as long as its loop runs")
        return _never(outcome, [*leaving, *raising])
    judged = _incomplete(outcome, [] if module else leaving, [] if module else raising)
    if outcome.twice:
        found = _worst(Verdict.TWICE, outcome.twice)
        judged.append(found if found.confidence is Confidence.HIGH else replace(found, confidence=Confidence.LOW))
    if outcome.after:
        judged.append(_worst(Verdict.AFTER_RELEASE, outcome.after))
    if judged:
        return max(judged, key=lambda one: one.confidence)
    return _Judged(Verdict.RELEASED if outcome.released else Verdict.ESCAPES)


def _is_dropped(unit: Unit, site: Site) -> bool:
    """`pool.connect().then(() => console.log("connected"))`: nothing refers to it, and the pool waits for it."""
    if unit.language != "javascript" or not site.kind.pooled or site.call is None or site.form != "result":
        return False
    if _variable(unit, site):
        return False
    names, passed = {site.call.dst}, 0
    for node in unit.graph.nodes:
        match node.action:
            case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names and dst != RESULT:
                names.add(dst)
                passed += 1
    return sum(unit.uses[name] for name in names) <= passed


def _unforced(outcome: Outcome, leaving: list[Place]) -> list[Place]:
    """Ways out on which nothing was raised since the connection was acquired."""
    return [place for place in leaving if not _raised_on(outcome, place)]


def _serves(unit: Unit, site: Site) -> bool:
    """A worker takes one connection before its endless loop: it has as many as there are workers."""
    loops = [one for one in walk(unit.body) if isinstance(one, ir.Loop) and one.kind == "while" and one.test is None]
    return bool(loops) and not any(one is site.call for loop in loops for one in walk(loop.body))


def _worst(verdict: Verdict, places: list[Place]) -> _Judged:
    """The place on the likeliest path."""
    best = max(places, key=lambda place: place[1].risk)
    return _Judged(verdict, best, _confidence(best[1]))


def _never(outcome: Outcome, places: list[Place]) -> _Judged:
    if outcome.kept is not None and places:
        return _Judged(Verdict.WITH_KEEPS_OPEN, outcome.kept)
    if not places:
        return _Judged(Verdict.RELEASED if not outcome.held else Verdict.ESCAPES)
    if outcome.handed or outcome.handings:
        return _Judged(Verdict.ESCAPES, note="handed to code that was not read")
    if "exit" in outcome.finished and not outcome.ends.get("return"):
        return _Judged(Verdict.ESCAPES, note="the process ends")
    best = max(places, key=lambda place: place[1].risk)
    return _Judged(Verdict.NEVER, best)


def _incomplete(outcome: Outcome, leaving: list[Place], raising: list[Place]) -> list[_Judged]:
    """Released or handed on on some paths only."""
    if outcome.handed or outcome.listens or outcome.handings - _borrowing(outcome):
        return []
    early = _unforced(outcome, leaving)
    failing = [*(place for place in leaving if place not in early), *raising]
    judged = [_worst(Verdict.EARLY_EXIT, early)] if early else []
    return [*judged, *([_worst(Verdict.ON_ERROR, failing)] if failing else [])]


def _borrowing(outcome: Outcome) -> set[int]:
    """Nodes that hand the connection to code we did not read, where this function releases it afterwards."""
    if not outcome.handings:
        return set()
    return {index for place in outcome.releases for index, _ in _trail(outcome, place)} & outcome.handings


def _confidence(state: State) -> Confidence:
    return {Risk.HIGH: Confidence.HIGH, Risk.MEDIUM: Confidence.MEDIUM}.get(Risk(state.risk), Confidence.LOW)


def _trail(outcome: Outcome, place: Place | None) -> list[Place]:
    """The path from the entry to a place."""
    trail: list[Place] = []
    while place is not None and len(trail) < 20_000:
        trail.append(place)
        place = outcome.parents[place]
    return trail[::-1]


def _forgets(unit: Unit, trail: list[Place]) -> bool:
    """The path takes a branch on what was known and then forgotten, where configurations multiplied."""
    forgotten: set[str] = set()
    nodes = unit.graph.nodes
    for (index, before), (following, after) in pairwise(trail):
        if before.facts != after.facts:
            bound = getattr(nodes[index].action, "dst", None)
            kept = {name for name, _ in after.facts}
            forgotten |= {name for name, _ in before.facts if name != bound and "." not in name} - kept
            forgotten -= kept
        action = nodes[following].action
        if isinstance(action, Branch) and action.test.var in forgotten:
            return True
    return False


def _raised_on(outcome: Outcome, place: Place) -> bool:
    """The path went over an exception edge since the connection was acquired."""
    return any(state.error and state.status >= Status.PENDING for _, state in _trail(outcome, place))


# -- the story


def _where(unit: Unit, site: Site, outcome: Outcome, place: Place | None) -> ir.SpanPair:
    """The acquiring call; for a client that is made first and connected later, the connecting call."""
    if site.kind.lazy != "connect" or site.form == "self" or site.opened:
        return site.at
    states = [place[1]] if place is not None else [state for _, state in outcome.parents]
    opened = min((state.opened for state in states if state.opened >= 0), default=-1)
    action = unit.graph.nodes[opened].action if opened >= 0 else None
    return action.at if isinstance(action, ir.Call) else site.at


def _breaker(unit: Unit, judged: _Judged, trail: list[Place]) -> ir.SpanPair | None:
    """The call that raises, the exit, the rebinding, the second release."""
    if not trail:
        return None
    nodes = unit.graph.nodes
    match judged.verdict:
        case Verdict.ON_ERROR:
            explicit: ir.SpanPair | None = None
            for (index, before), (following, after) in reversed(list(pairwise(trail))):
                action = nodes[index].action
                at = getattr(action, "at", None)
                if at is None or not after.error or before.status < Status.PENDING:
                    continue
                if isinstance(action, ir.Raise) and action.value is not None:
                    explicit = explicit or (at[0], at[1])
                elif nodes[index].raises == following:
                    return _awaited(unit, action) or (at[0], at[1])
            return explicit
        case Verdict.EARLY_EXIT | Verdict.NEVER:
            for index, _ in reversed(trail):
                action = nodes[index].action
                if isinstance(action, ir.Return | ir.Raise):
                    return action.at
                at = getattr(action, "at", None)
                text = unit.linked.documents[unit.path].text[at[0] : at[0] + 6] if at else ""
                if text.startswith(("return", "throw ")):  # of a closure that was copied in
                    return (at[0], at[1]) if at else None
        case Verdict.OVERWRITTEN | Verdict.TWICE | Verdict.AFTER_RELEASE | Verdict.WITH_KEEPS_OPEN:
            at = getattr(nodes[trail[-1][0]].action, "at", None)
            return (at[0], at[1]) if at is not None else None
    return None


def _awaited(unit: Unit, action: object) -> ir.SpanPair | None:
    """For an await: the call it waits for, which says more."""
    if not isinstance(action, ir.Await):
        return None
    definition = unit.definitions.get(action.src)
    return definition.at if isinstance(definition, ir.Call) else None


def _steps(
    linked: Linked,
    unit: Unit,
    site: Site,
    document: Document,
    judged: _Judged,
    at: ir.SpanPair,
    breaker: ir.SpanPair | None,
) -> Iterable[Step]:
    if judged.verdict in (Verdict.RELEASED, Verdict.ESCAPES):
        return
    here = linked.documents[unit.path]
    yield Step(StepKind.FLOW, f"`{_text(document, at)}` acquires a {site.kind.what} here", document.at(*at))
    told = {
        Verdict.ON_ERROR: "if this raises, the function is left without a release",
        Verdict.EARLY_EXIT: "the function is left here without a release",
        Verdict.NEVER: "the function is left here without a release",
        Verdict.OVERWRITTEN: "its only reference is replaced here",
        Verdict.TWICE: "released a second time here",
        Verdict.AFTER_RELEASE: "used here after its release",
        Verdict.WITH_KEEPS_OPEN: "leaving this block ends the transaction only",
    }.get(judged.verdict)
    if told and breaker is not None:
        yield Step(StepKind.FLOW, f"`{_text(here, breaker)}`: {told}", here.at(*breaker))
    elif told and judged.verdict in (Verdict.NEVER, Verdict.EARLY_EXIT):
        end = unit.function.extent[1]
        yield Step(StepKind.FLOW, "the function ends here without a release", here.at(max(end - 1, 0), end))


def _text(document: Document, span: ir.SpanPair) -> str:
    """The source at a span on one line, shortened in the middle of its arguments."""
    text = " ".join(document.text[span[0] : span[1]].split())
    if len(text) <= _LONG:
        return text
    head = text.partition("(")[0]
    return f"{head}(...)" if 0 < len(head) < _LONG else text[: _LONG - 3] + "..."


def _variable(unit: Unit, site: Site) -> str:
    """The user's name for the connection, following temporaries."""
    if site.form == "value":
        return site.var.partition("~")[0]
    if site.call is None:
        return ""
    names = {site.call.receiver if site.form == "self" else site.call.dst}
    for _ in range(4):
        for node in reversed(unit.graph.nodes):
            match node.action:
                case ir.Copy(dst=dst, src=src) | ir.Await(dst=dst, src=src) if src in names and dst != RESULT:
                    names.add(dst)
                case ir.Load(dst=dst, obj=obj, field=name) if obj in names and site.part and name == site.part:
                    names.add(dst)
                case Enter(context=context, dst=str() as dst) if context in names:
                    names.add(dst)
                case ir.Store(src=src) as store if src in names and stored_at(unit, store) in unit.owned:
                    return shown(stored_at(unit, store) or "")
    named = sorted(name for name in names if name and not name.startswith("%"))
    return named[0].partition("~")[0] if named else ""


def _release(linked: Linked, document: Document, site: Site, variable: str) -> str:
    owner = "pool"
    call = site.call
    direct = site.row.rpartition(".")[2] == (call.method if call is not None else "")
    if direct and call is not None and call.receiver is not None:
        owner = document.text[call.at[0] : call.name_at[0]].rstrip(". \n?") or owner
        owner = owner.removeprefix("await ").strip()
        owner = owner if len(owner) <= _LONG and "\n" not in owner else "pool"
    return site.kind.release.replace("{value}", variable or site.kind.what.replace(" ", "_")).replace("{owner}", owner)
