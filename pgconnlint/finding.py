"""What an analysis returns: findings (wrong in the user's files) and failures (not looked at)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from pgconnlint.text import Edit, Location


class Severity(IntEnum):
    """How bad it is; compares by gravity."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Confidence(IntEnum):
    """How sure the analysis is."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class StepKind(StrEnum):
    """``flow``: a place on the path; ``factor``: a number in a sum; ``declaration``: where it is said."""

    FLOW = "flow"
    FACTOR = "factor"
    DECLARATION = "declaration"


@dataclass(frozen=True, slots=True)
class Step:
    """One place in the story of a finding. ``value`` and ``unit`` belong to factors."""

    kind: StepKind
    message: str
    location: Location | None = None
    value: float | int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class FixPlan:
    """What a fix must do, before anybody asked for the text: a kind and the spans it works on."""

    kind: str
    locations: tuple[tuple[str, Location], ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """One correction. ``safe`` fixes keep the meaning of correct programs.

    ``manual``: true only when something outside of the files is, too; offered one by one, never made by `--fix`.
    Either ``edits`` are given, or ``plan`` says what the fix package shall write.
    """

    title: str
    safe: bool
    edits: tuple[Edit, ...] = ()
    plan: FixPlan | None = None
    alternatives: tuple[Fix, ...] = ()
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at ``location``. Rules fill the upper part, the engine the lower."""

    message: str
    location: Location
    help: str = ""
    steps: tuple[Step, ...] = ()
    severity: Severity | None = None  # None: the rule's default; may only be lowered
    confidence: Confidence = Confidence.HIGH
    environment: str | None = None
    server: str | None = None
    fix: Fix | None = None
    key: str = ""  # distinguishes findings of one rule on one line; part of the fingerprint
    amount: int | None = None  # how bad it is where that is a number: the larger, the worse
    implied: tuple[tuple[str, int | None], ...] = ()  # (rule, amount) of the milder findings that this one stands for

    rule: str = ""
    name: str = ""
    docs: str = ""
    fingerprint: str = ""
    line_hash: str = ""
    excerpt: tuple[str, ...] = ()  # the masked source lines of the location
    suppressed: str | None = None  # the reason, when suppressed


class FailureKind(StrEnum):
    """Why something could not be looked at."""

    SYNTAX = "syntax"
    ENCODING = "encoding"
    UNREADABLE = "unreadable"
    BINARY = "binary"
    TOO_LARGE = "too-large"
    TOO_COMPLEX = "too-complex"
    CRASH = "crash"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Failure:
    """Something could not be analysed. ``line`` is from 1, or None for the whole file."""

    path: str
    kind: FailureKind
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a report needs: it reads nothing else."""

    findings: tuple[Finding, ...] = ()
    failures: tuple[Failure, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    files: int = 0  # files discovered
    analysed: int = 0  # files that were parsed
    rules: tuple[str, ...] = ()  # ids that ran
    budgets: tuple[object, ...] = ()  # budget.Budget values, for the budget reports
    notes: tuple[str, ...] = field(default=())  # remarks about the run itself
