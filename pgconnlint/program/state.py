"""One configuration of the function being solved: the fate of one site, who refers to it, what branches know."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from pgconnlint.program import ir
from pgconnlint.program.safety import Risk


class Status(IntEnum):
    ABSENT = 0  # not acquired (yet, or again)
    PENDING = 1  # asked for, not awaited
    OPEN = 2  # a lazy value that holds nothing
    HELD = 3
    RELEASED = 4


CLOSER = "closer:"
"""A role: the field so named of the connection is its closer (`client.done = done`)."""

Fact = str
"""What is known of a variable's value: "null", "truthy", "falsy", or "=" and the constant's repr."""


class State(NamedTuple):
    """``values``: variables that are the connection; ``roles``: (role, variable), where role is

    closer: calling it releases; holder: a container or wrapper around it; child: a cursor or result of it;
    in: the container has it at this index;
    closing: leaving it as a context releases; managed: leaving this context releases; scope: leaving it ends the
    transaction; kept: a `with` on it that does not close; closure: captures it; armed: a variable which code handed on
    before releases; needs: the release happens when the named method of it is called.
    ``facts``: (variable, fact). ``error``: risk of the exception under way. ``risk``: the least risk assumed so far.
    ``opened``: the node at which a lazy value became held, -1 for none.
    """

    status: Status
    values: frozenset[ir.Var]
    roles: frozenset[tuple[str, ir.Var]]
    facts: frozenset[tuple[ir.Var, Fact]]
    error: int = 0
    risk: int = int(Risk.HIGH)
    opened: int = -1

    def fact(self, var: ir.Var) -> Fact | None:
        for name, fact in self.facts:
            if name == var:
                return fact
        return None

    def has(self, role: str, var: ir.Var | None) -> bool:
        return (role, var) in self.roles

    def knowing(self, var: ir.Var, fact: Fact | None) -> State:
        facts = frozenset(one for one in self.facts if one[0] != var)
        return self._replace(facts=facts | {(var, fact)} if fact is not None else facts)

    def without(self, var: ir.Var) -> State:
        """``var`` is bound anew: it is nothing of what it was."""
        values = self.values - {var} if var in self.values else self.values
        roles = self.roles
        if roles and any(one[1] == var and one[0] != "armed" for one in roles):
            roles = frozenset(one for one in roles if one[1] != var or one[0] == "armed")
        facts = self.facts
        if facts and any(one[0] == var for one in facts):
            facts = frozenset(one for one in facts if one[0] != var)
        return self._replace(values=values, roles=roles, facts=facts)

    def adding(self, role: str, var: ir.Var) -> State:
        return self._replace(roles=self.roles | {(role, var)})

    def part(self, var: ir.Var) -> str:
        """Where in the container ``var`` the connection is, "" when that is unknown."""
        return next((role[3:] for role, one in sorted(self.roles) if one == var and role.startswith("in:")), "")

    def referred(self) -> bool:
        """Somebody in the function can still reach the connection."""
        return bool(self.values) or any(
            role in ("closer", "holder", "closing", "closure", "managed", "kept") for role, _ in self.roles
        )

    def gone(self, status: Status) -> State:
        """The site's value is no longer there: nobody refers to it."""
        return self._replace(status=status, values=frozenset(), roles=_armed(self.roles), opened=-1)


START = State(Status.ABSENT, frozenset(), frozenset(), frozenset())


def _armed(roles: frozenset[tuple[str, ir.Var]]) -> frozenset[tuple[str, ir.Var]]:
    return frozenset(one for one in roles if one[0] == "armed") if roles else roles


def constant(kind: str, value: object) -> Fact:
    """The fact a literal gives."""
    return "null" if kind == "none" else ("truthy" if value is None else f"={value!r}")


def truth(fact: Fact | None) -> bool | None:
    """Whether a value with this fact is truthy; None when unknown."""
    match fact:
        case None:
            return None
        case "null" | "falsy" | "=False" | "=0" | "=''" | "=0.0":
            return False
    return True


def decide(test: ir.Test, fact: Fact | None) -> bool | None:
    """What a test gives for a value with this fact, before negation; None when unknown."""
    match test.kind:
        case "truthy":
            return truth(fact)
        case "none":
            if fact == "null":
                return True
            return None if fact in (None, "falsy") else False
        case "equal":
            if fact is None or fact in ("truthy", "falsy"):
                return None
            return fact == ("null" if test.value is None else f"={test.value!r}")
    return None


def learned(test: ir.Test, holds: bool, fact: Fact | None) -> Fact | None:
    """The fact after a test that came out as ``holds`` (negation already undone)."""
    match test.kind:
        case "truthy":
            return fact if fact is not None else ("truthy" if holds else "falsy")
        case "none":
            return "null" if holds else (fact if fact is not None else "truthy")
        case "equal" if holds:
            return f"={test.value!r}"
    return fact
