"""What every action but a call does to the connection being followed."""

from __future__ import annotations

from pgconnlint.program import ir
from pgconnlint.program.branching import branch, catch, compute
from pgconnlint.program.cfg import RESULT, Branch, Catch, End, Enter, Iterate, Leave
from pgconnlint.program.containers import cursor, index, may_be, unpacked
from pgconnlint.program.drivers.row import Leaving
from pgconnlint.program.fields import read_at, stored_at
from pgconnlint.program.handing import gave_back
from pgconnlint.program.moves import swallows
from pgconnlint.program.risks import await_risk
from pgconnlint.program.safety import GONE, LIVE, ROWS, Risk
from pgconnlint.program.solver import Run, bind, escape, gain, opening, raised, receive, release
from pgconnlint.program.state import CLOSER, State, Status, constant
from pgconnlint.program.unit import Unit


def step(run: Run, state: State) -> None:
    node = run.unit.graph.nodes[run.here[0]]
    match node.action:
        case None:
            run.go(node.next, state)
        case ir.Const(dst=dst, kind=kind, value=value):
            after = bind(run, state, dst, dropped=kind == "none")
            if after is not None:
                fact = constant(kind, value) if dst in run.unit.tested else None
                run.go(node.next, after.knowing(dst, fact) if fact else after)
        case ir.Copy():
            _copy(run, state, node.action, node.next)
        case ir.Load():
            _load(run, state, node.action, node.next)
        case ir.Store():
            _store(run, state, node.action, node.next)
        case ir.Build():
            _build(run, state, node.action, node.next)
        case ir.Closure():
            _closure(run, state, node.action, node.next)
        case ir.Compute():
            compute(run, state, node.action, node.next)
        case ir.Global(dst=dst):
            _on(run, _from_field(run, bind(run, state, dst), node.action), node.next)
        case ir.Delete(var=var):
            _on(run, bind(run, state, var, dropped=True), node.next)
        case ir.Await():
            _await(run, state, node.action)
        case ir.Yield():
            _yield(run, state, node.action)
        case Branch():
            branch(run, state, node.action)
        case Catch():
            catch(run, state, node.action)
        case Enter():
            _enter(run, state, node.action)
        case Leave():
            _leave(run, state, node.action)
        case Iterate():
            raised(run, node.raises, state, Risk.MEDIUM)
            run.go(node.next, state)
        case ir.Return(value=value):
            _return(run, state, value, node.next)
        case ir.Raise(value=value):
            explicit = state._replace(error=int(Risk.HIGH) + 1) if value is not None else state
            run.go(node.next, explicit._replace(error=max(explicit.error, int(Risk.MEDIUM))))
        case End(way=way):
            _end(run, state, way)


def _on(run: Run, state: State | None, target: int) -> None:
    if state is not None:
        run.go(target, state)


def _moved(run: Run, state: State, var: ir.Var) -> State:
    """A temporary that is read only once is gone after it was read."""
    if var.startswith("%") and run.unit.uses[var] <= 1:
        return state._replace(values=state.values - {var}, roles=frozenset(one for one in state.roles if one[1] != var))
    return state


def _copy(run: Run, state: State, copy: ir.Copy, target: int) -> None:
    if copy.dst == copy.src:
        run.go(target, state)
        return
    value = copy.src in state.values
    roles = [role for role, var in state.roles if var == copy.src and role != "armed"]
    fact = state.fact(copy.src)
    literal = run.unit.constant(copy.src)
    after = bind(run, state, copy.dst, dropped=literal is not None and literal.kind == "none")
    if after is None:
        return
    for role in roles:
        after = after.adding(role, copy.dst)
    if value:
        gained = gain(run, after, copy.dst)
        if gained is None:
            return
        after = gained
    elif roles and copy.dst in run.unit.function.captures and any(role in ("holder", "closer") for role in roles):
        escape(run)
        return
    if fact is not None and copy.dst in run.unit.tested:
        after = after.knowing(copy.dst, fact)
    run.go(target, _moved(run, after, copy.src) if value or roles else after)


def _is_its_pool(run: Run, name: str) -> bool:
    """`runner.connection` is the pool it came from: what is asked of that has nothing to do with the runner."""
    tables = run.unit.linked.tables
    kind = tables.kinds.get(tables.field(run.site.kind.id, name) or "")
    return kind is not None and kind.pool


def _load(run: Run, state: State, load: ir.Load, target: int) -> None:
    name, obj = load.field, load.obj
    value, holder = obj in state.values, state.has("holder", obj)
    child = state.has("child", obj)
    fact = state.fact(f"{obj}.{name}") if f"{obj}.{name}" in run.unit.tested else None
    after = bind(run, state, load.dst)
    if after is None:
        return
    if run.unit.owned and read_at(load) in state.values:
        _on(run, _from_field(run, after, load), target)
        return
    part = state.part(obj)
    if part and name.startswith("["):
        unpacked(run, after, load, target)
        return
    if value and state.status is not Status.ABSENT:
        operation = run.unit.linked.tables.method(run.site.kind.id, name)
        if (operation is not None and operation.releases == "self") or state.has(f"{CLOSER}{name}", obj):
            after = after.adding("closer", load.dst)
        elif operation is not None:
            after = after.adding("method", load.dst)
        elif name in GONE or name in LIVE or name in run.site.kind.released_when:
            gone = state.status is Status.RELEASED
            fact = "truthy" if gone is (name not in LIVE) else "falsy"
        elif not _is_its_pool(run, name):
            owned = ".object:" in run.site.kind.id and name in run.site.kind.fields
            fact = "truthy" if owned and state.status is Status.HELD else fact
            after = after.adding("holder" if owned else "child", load.dst)
    elif (holder and may_be(run, load.dst)) or (child and name in ("connection", "client", "bind")):
        gained = gain(run, after, load.dst)
        if gained is None:
            return
        after = gained
    elif holder or (child and name not in ROWS):
        after = after.adding("child", load.dst)
    after = _moved(run, after, obj) if child and not value else after
    run.go(target, after.knowing(load.dst, fact) if fact and load.dst in run.unit.tested else after)


def _from_field(run: Run, state: State | None, load: ir.Load | ir.Global) -> State | None:
    """What is read from a field that holds the connection is the connection."""
    held = state is not None and run.unit.owned and read_at(load) in state.values
    return gain(run, state, load.dst) if held and state is not None else state


def _store(run: Run, state: State, store: ir.Store, target: int) -> None:
    key = stored_at(run.unit, store) if run.unit.owned else None
    if key in run.unit.owned and key is not None:
        literal = run.unit.constant(store.src)
        after = bind(run, state, key, dropped=literal is not None and literal.kind == "none")
        if after is not None and store.src in state.values:
            after = after._replace(values=after.values | {key})
        _on(run, after, target)
        return
    if state.has("closer", store.src) and store.obj in state.values:  # `client.done = done`
        run.go(target, state.adding(f"{CLOSER}{store.field}", store.obj))
        return
    given = store.src in state.values or any(state.has(role, store.src) for role in ("holder", "closer", "closing"))
    closing = state.has("closure", store.src)
    beside = any(key in state.values and key.startswith(f"{store.obj}.") for key in run.unit.owned)
    given = given or (cursor(run, state, store.src) and not beside)
    if state.status is not Status.ABSENT and (given or closing):
        local = isinstance(run.unit.definitions.get(store.obj), ir.Build) or state.has("holder", store.obj)
        if not local:
            if store.obj in state.values:
                run.go(target, state)
            elif state.status is not Status.RELEASED:
                escape(run)
            return
        state = state.adding("holder", store.obj)
    key = f"{store.obj}.{store.field}"
    if key in run.unit.tested:
        state = state.knowing(key, state.fact(store.src) or ("truthy" if store.src in state.values else None))
    run.go(target, state)


def _build(run: Run, state: State, build: ir.Build, target: int) -> None:
    lent = run.site.kind.lent
    given = build.kind not in ("string", "jsx") and any(
        (var in state.values and key not in lent)
        or any(state.has(role, var) for role in ("holder", "closer", "closure"))
        for key, var in build.items
    )
    after = bind(run, state, build.dst)
    if after is None:
        return
    if given:
        after = after.adding("holder", build.dst)
        after = after.adding(f"in:{index(state, build)}", build.dst) if index(state, build) else after
    run.go(target, after.knowing(build.dst, "truthy") if build.dst in run.unit.tested else after)


def _closure(run: Run, state: State, closure: ir.Closure, target: int) -> None:
    function = run.unit.linked.functions.get((run.unit.path, closure.function))
    after = bind(run, state, closure.dst)
    if after is None or function is None:
        return
    captured = [var for var in function.captures if var in state.values or ("holder", var) in state.roles]
    if captured or any(state.has("closer", var) for var in function.captures):
        after = after.adding("closure", closure.dst)
    run.go(target, after.knowing(closure.dst, "truthy") if closure.dst in run.unit.tested else after)


def _await(run: Run, state: State, action: ir.Await) -> None:
    node = run.unit.graph.nodes[run.here[0]]
    holder, value = state.has("holder", action.src), action.src in state.values
    if state.status is Status.PENDING and (value or holder):
        raised(run, node.raises, state.gone(Status.ABSENT), Risk.HIGH)
        after = _moved(run, state._replace(status=run.site.made), action.src)
        if holder:
            part, after = state.part(action.src), after.without(action.dst).adding("holder", action.dst)
            run.go(node.next, after.adding(f"in:{part}", action.dst) if part else after)
            return
        if run.site.nullable:
            absent = state.gone(Status.ABSENT).without(action.dst)
            known = absent.knowing(action.dst, "null") if action.dst in run.unit.tested else absent
            run.go(node.next, known)
        _on(run, receive(run, after.without(action.dst), action.dst), node.next)
        return
    made = run.unit.definitions.get(action.src)
    if not (isinstance(made, ir.Call) and gave_back(run, made, state)):  # its failure was followed at the call
        raised(run, node.raises, _if_it_fails(run, state, action), await_risk(run, state, action))
    child = state.has("child", action.src)
    fact = state.fact(action.src)
    bound = bind(run, state, action.dst)
    if bound is None:
        return
    if value:
        gained = gain(run, bound, action.dst)
        if gained is None:
            return
        bound = _moved(run, gained, action.src)
    for role in ("holder", "child", f"in:{state.part(action.src)}"):
        if state.has(role, action.src) and run.unit.uses[action.dst]:
            bound = bound.adding(role, action.dst)
    bound = _moved(run, bound, action.src) if child else bound
    run.go(node.next, bound.knowing(action.dst, fact) if fact and action.dst in run.unit.tested else bound)


def _if_it_fails(run: Run, state: State, action: ir.Await) -> State:
    """Where what made a lazy value hold fails, nothing is held; a commit that fails gives nothing back."""
    definition = run.unit.definitions.get(action.src)
    if not isinstance(definition, ir.Call):
        return state
    operation = run.unit.linked.tables.method(run.site.kind.id, definition.method or "")
    if operation is None:
        return state
    if operation.ends and definition.method == "commit" and definition.receiver in state.values:
        return opening(run, state)
    here = state.opened >= 0 and definition is run.unit.graph.nodes[state.opened].action
    return state._replace(status=Status.OPEN, opened=-1) if here and operation.opens else state


def _yield(run: Run, state: State, action: ir.Yield) -> None:
    node = run.unit.graph.nodes[run.here[0]]
    if action.src is not None and action.src in state.values and state.status is not Status.RELEASED:
        run.outcome.yielded = True
    if thrown_into(run.unit):
        if run.site.kind.lazy == "use" and action.src in state.values:
            state = opening(run, state)  # whoever receives it runs statements
        raised(run, node.raises, state, Risk.HIGH)
    _on(run, bind(run, state, action.dst), node.next)


def thrown_into(unit: Unit) -> bool:
    """Whether those who consume this generator throw exceptions of theirs into it."""
    names = [decorator.path.rpartition(".")[2] for decorator in unit.function.decorators]
    if any(name in ("contextmanager", "asynccontextmanager") for name in names):
        return True
    return unit.id in unit.linked.dependencies


def _enter(run: Run, state: State, enter: Enter) -> None:
    node, site = run.unit.graph.nodes[run.here[0]], run.site
    context, dst = enter.context, enter.dst
    live = state.status in (Status.PENDING, Status.OPEN, Status.HELD)
    if live and (context in state.values or state.has("closing", context)):
        _enter_site(run, state, enter)
        return
    child, scope = state.has("child", context), state.has("scope", context)
    closure = state.has("holder", context)
    raised(run, node.raises, state, Risk.NONE if child or scope or closure else Risk.LOW)
    after = bind(run, state, dst) if dst is not None else state
    if after is not None and dst is not None and (child or closure) and site:
        after = after.adding("child" if child else "holder", dst)
    _on(run, after, node.next)


def _enter_site(run: Run, state: State, enter: Enter) -> None:
    node, site = run.unit.graph.nodes[run.here[0]], run.site
    context, dst = enter.context, enter.dst
    managed = state.has("closing", context) or site.manager or site.kind.leaving is Leaving.CLOSES
    if state.status is Status.PENDING:
        raised(run, node.raises, state.gone(Status.ABSENT), Risk.HIGH)
        state = state._replace(status=Status.OPEN if site.kind.lazy else Status.HELD)
        managed = site.manager
    entering = run.unit.linked.tables.method(site.kind.id, "__enter__") if site.kind.lazy == "connect" else None
    if entering is not None and entering.opens:
        state = opening(run, state)
    if managed and state.has("managed", context):
        managed = False
    after = state
    if dst is not None:
        gained = gain(run, state.without(dst) if dst != context else state, dst)
        if gained is None:
            return
        after = gained
    if managed:
        after = after.adding("managed", context)
    elif site.kind.leaving is Leaving.KEEPS and not enter.using:
        after = after.adding("kept", context)
        run.outcome.kept = run.outcome.kept or run.here
    run.go(node.next, after)


def _leave(run: Run, state: State, leave: Leave) -> None:
    node = run.unit.graph.nodes[run.here[0]]
    if leave.raised and swallows(run, leave):
        run.go(node.other, state._replace(error=0))
    if state.has("managed", leave.context):
        after = state._replace(roles=state.roles - {("managed", leave.context)})
        if state.status is not Status.RELEASED:
            _on(run, release(run, after), node.next)
            return
        state = after
    elif state.has("scope", leave.context) and state.status is Status.HELD and run.site.kind.lazy:
        state = state._replace(status=Status.OPEN)
    run.go(node.next, state)


def _return(run: Run, state: State, value: ir.Var | None, target: int) -> None:
    state = state.without(RESULT)
    if value is not None and state.status is not Status.ABSENT:
        if value in state.values:
            state = state._replace(values=state.values | {RESULT})
        for role in ("holder", "closer", "closing", "closure", "managed"):
            if state.has(role, value):
                state = state.adding("holder", RESULT)
        state = state.adding(f"in:{state.part(value)}", RESULT) if state.part(value) else state
        definition = run.unit.definitions.get(value)
        if state.has("child", value) and not isinstance(definition, ir.Load | ir.Await) and not _queried(definition):
            state = state.adding("derived", RESULT)
    run.go(target, state)


def _queried(definition: ir.Statement | None) -> bool:
    """The result of a query, not something that will run queries."""
    return isinstance(definition, ir.Call) and definition.method == "query"


def _end(run: Run, state: State, way: str) -> None:
    outcome = run.outcome
    live = state.status in (Status.OPEN, Status.HELD, Status.PENDING)
    normal = way in ("end", "return")
    if live and normal and (RESULT in state.values or state.has("holder", RESULT)):
        if run.site.form == "value" and not run.site.row:
            outcome.returned = True
            outcome.finished.setdefault(way, set()).add(state.status)
        else:
            escape(run, returned=RESULT in state.values)
            if run.unit.language == "python" and state.part(RESULT):
                outcome.parts.add(state.part(RESULT))
            outcome.returned_as.add(state.status)
        return
    outcome.finished.setdefault(way, set()).add(state.status)
    derived = state.has("derived", RESULT) and run.unit.language == "javascript"
    if live and normal and run.site.kind.lazy == "use" and derived:
        outcome.handed = True  # a repository or manager made from it is returned
    if way == "raise" and live:
        outcome.raise_risk = max(outcome.raise_risk, state.risk)
    if not normal and way != "raise":
        return
    waiting = state.status is Status.PENDING and run.unit.language == "javascript"
    if state.status is Status.HELD or waiting:
        outcome.ends.setdefault("raise" if way == "raise" else "return", []).append(run.here)
