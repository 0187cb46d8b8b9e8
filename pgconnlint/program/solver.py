"""Follows one acquisition site through a function: every configuration, every way out.

The exploded graph of (node, State) is explored breadth first, so the path kept to a bad exit is a shortest one.
What a call does to the connection is `program.effects`; this module moves states along edges.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from pgconnlint.program import ir
from pgconnlint.program.cfg import TooComplex
from pgconnlint.program.drivers.row import Again, Kind
from pgconnlint.program.safety import Risk
from pgconnlint.program.state import START, State, Status
from pgconnlint.program.unit import Unit

STEP_LIMIT = 60_000
"""Configurations of one site."""

FUNCTION_LIMIT = 150_000
"""Configurations of all sites of one function: about a second."""

PROJECT_LIMIT = 4_000_000
"""Configurations of all functions together, the last resort: what comes after is not analysed."""

WIDTH = 24
"""Configurations of one node before facts are forgotten; at twice as many only the connection itself is followed."""

Place = tuple[int, State]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a connection comes from.

    ``at``: the call; ``nodes``: its nodes; ``form``: "result", "self" (the receiver becomes it), "value" (``var``
    is it from the start: a parameter or captured variable).
    """

    at: ir.SpanPair
    kind: Kind
    row: str
    form: str = "result"
    nodes: frozenset[int] = frozenset()
    var: ir.Var = ""
    closer: ir.Var = ""
    error: ir.Var = ""
    path: str = ""  # the file of ``at``, when it is another one
    awaited: bool = False
    manager: bool = False
    nullable: bool = False
    sometimes: bool = False  # a helper hands it out, but also other connections that are not the caller's
    part: str = ""
    whole: bool = True
    opened: bool = False  # a helper has connected it
    call: ir.Call | None = None

    @property
    def made(self) -> Status:
        """What the value is when it comes out of the call."""
        return Status.OPEN if self.kind.lazy and not self.opened else Status.HELD


@dataclass(slots=True)
class Outcome:
    """What exploring a site found. Places lead to paths through ``parents``."""

    parents: dict[Place, Place | None] = field(default_factory=dict)
    ends: dict[str, list[Place]] = field(default_factory=dict)  # still held, by way of leaving
    finished: dict[str, set[Status]] = field(default_factory=dict)  # every status seen, by way of leaving
    overwritten: list[Place] = field(default_factory=list)
    twice: list[Place] = field(default_factory=list)
    after: list[Place] = field(default_factory=list)
    released: bool = False
    escaped: bool = False
    escaped_raising: bool = False
    returned: bool = False
    returned_as: set[Status] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)  # indexes of the containers it is returned in
    settled: set[ir.Var] = field(default_factory=set)  # variables of functions around this one that it went into
    yielded: bool = False
    handed: bool = False  # used in a way that keeps it beyond the function
    listens: bool = False  # waits for notifications
    handings: set[int] = field(default_factory=set)  # nodes giving it to a function we know nothing of
    releases: list[Place] = field(default_factory=list)
    held: bool = False
    raise_risk: int = 0  # the greatest risk of the exceptions that leave it held
    kept: Place | None = None  # inside a `with` that does not close it


@dataclass(slots=True)
class Run:
    """The exploration under way."""

    unit: Unit
    site: Site
    outcome: Outcome = field(default_factory=Outcome)
    queue: deque[Place] = field(default_factory=deque)
    here: Place = (0, START)
    steps: int = 0
    width: Counter[int] = field(default_factory=Counter)

    def go(self, node: int, state: State) -> None:
        if node < 0:
            return
        seen = self.width[node]
        if seen > WIDTH:
            state = self.narrowed(state, seen)
        place = (node, state)
        if place not in self.outcome.parents:
            self.width[node] += 1
            self.outcome.parents[place] = self.here
            self.queue.append(place)

    def narrowed(self, state: State, seen: int) -> State:
        """Where configurations multiply, forget what branches know; then also cursors and containers."""
        if seen <= 2 * WIDTH:
            kept = frozenset(one for one in state.facts if one[0] in state.values)
            return state._replace(facts=kept if seen <= WIDTH + WIDTH // 2 else frozenset())
        roles = frozenset(one for one in state.roles if one[0] not in ("child", "scope", "method"))
        return state._replace(
            facts=frozenset(), roles=roles, opened=min(state.opened, 0) if seen > 4 * WIDTH else state.opened
        )


def explore(unit: Unit, site: Site) -> Outcome:
    """Run the site through the unit. Raises TooComplex beyond STEP_LIMIT steps."""
    from pgconnlint.program.effects import call  # both ask for summaries, which are solved here
    from pgconnlint.program.steps import step

    state = START
    if site.form == "value":
        status = Status.OPEN if site.kind.lazy else Status.HELD
        state = state._replace(status=status, values=frozenset({site.var})).knowing(site.var, "truthy")
        state = state.adding("closer", site.closer) if site.closer else state
        state = state.knowing(site.error, "null") if site.error else state
    run = Run(unit, site)
    limit = min(STEP_LIMIT, FUNCTION_LIMIT - unit.steps)
    if unit.linked.steps > PROJECT_LIMIT:
        raise TooComplex(f"the functions before it took more than {PROJECT_LIMIT:,} configurations")
    run.outcome.parents[unit.graph.entry, state] = None
    run.queue.append((unit.graph.entry, state))
    while run.queue:
        run.here = run.queue.popleft()
        run.steps += 1
        if run.steps > limit:
            unit.linked.steps += run.steps
            raise TooComplex(f"more than {limit:,} configurations")
        index, state = run.here
        node = unit.graph.nodes[index]
        if state.status is Status.HELD:
            run.outcome.held = True
        if isinstance(node.action, ir.Call):
            call(run, node, state)
        else:
            step(run, state)
    unit.steps += run.steps
    unit.linked.steps += run.steps
    return run.outcome


def escape(run: Run, *, returned: bool = False) -> None:
    """The connection is somebody else's from here on: this path is finished."""
    run.outcome.escaped = True
    run.outcome.returned = run.outcome.returned or returned


def bind(run: Run, state: State, dst: ir.Var, *, dropped: bool = False) -> State | None:
    """``dst`` gets a new value; None when that loses the connection (``dropped``: on purpose, `x = None`)."""
    if state.status in (Status.ABSENT, Status.RELEASED):
        return state.without(dst)
    before = dst in state.values
    after = state.without(dst)
    if before and state.status is Status.HELD and not after.referred():
        if run.site.kind.collected and dropped:
            return after.gone(Status.RELEASED)
        run.outcome.overwritten.append(run.here)
        return None
    if before and not after.referred():
        return after.gone(Status.ABSENT)
    return after


def gain(run: Run, state: State, var: ir.Var) -> State | None:
    """``var`` is the connection now; None when it thereby escapes."""
    if (
        ("armed", var) in state.roles
        or var in run.unit.shared
        or (var in run.unit.function.captures and var != run.site.var)
    ):
        run.outcome.settled.add(var)
        escape(run)
        return None
    state = state._replace(values=state.values | {var})
    return state.knowing(var, "truthy") if var in run.unit.tested else state


def receive(run: Run, state: State, var: ir.Var) -> State | None:
    """``var`` is what the site gives: the connection, or the container around it."""
    if not run.site.part:
        return gain(run, state, var)
    if var in run.unit.shared or var in run.unit.function.captures:
        escape(run)
        return None
    state = state.adding("holder", var).adding(f"in:{run.site.part}", var)
    return gain(run, state, var) if run.site.whole else state


def raised(run: Run, target: int, state: State, risk: Risk) -> None:
    """Follow the exception edge with a call of this risk."""
    if risk is not Risk.NONE and target >= 0:
        run.go(target, state._replace(error=int(risk), risk=min(state.risk, int(risk))))


def release(run: Run, state: State) -> State | None:
    """The connection is given back here; None where nothing more is to be learned."""
    outcome, kind = run.outcome, run.site.kind
    if state.status is Status.RELEASED:
        if kind.again is not Again.HARMLESS:
            outcome.twice.append(run.here)
        return None
    if state.status is Status.ABSENT:
        return state
    outcome.released = True
    outcome.releases.append(run.here)
    return state._replace(status=Status.RELEASED, roles=frozenset(r for r in state.roles if r[0] != "kept"))


def opening(run: Run, state: State) -> State:
    """A lazy value holds a connection from here on."""
    if state.status is Status.OPEN:
        return state._replace(status=Status.HELD, opened=run.here[0])
    return state
