"""What a rule says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pgconnlint.finding import Severity

DOCS = "https://github.com/pgconnlint/pgconnlint/blob/main/docs/rules/"


class Subject(StrEnum):
    """The facts a rule can look at; `check(subject, project)` is called once for each."""

    CALL = "call"  # program.facts.CallSite
    FUNCTION = "function"  # program.facts.FunctionFact
    POOL = "pool"  # program.facts.PoolFact
    STATEMENT = "statement"  # program.facts.StatementFact
    RESOURCE = "resource"  # infra.resource.Resource
    SERVER = "server"  # budget.model.Server
    POOLER = "pooler"  # infra.model.PoolerDeclaration
    BUDGET = "budget"  # budget.model.Budget
    PROJECT = "project"  # project.Project


@dataclass(frozen=True, slots=True)
class Rule:
    """Metadata of one rule; the prose stands in the module's docstring.

    ``id``: ``PGC101``; ``name``: reads after "allow" and names the module (with underscores);
    ``precision``: SARIF's very-high, high, medium or low; ``formats``: where it applies, in the
    catalogue's words (python, javascript, terraform, kubernetes, helm, compose, conf, rules);
    ``fixes``: the corrections it may offer: safe (`--fix`), unsafe (`--unsafe-fixes`), manual (shown, never made).
    """

    id: str
    name: str
    severity: Severity
    subject: Subject
    formats: tuple[str, ...]
    precision: str = "high"
    kinds: tuple[str, ...] = ()  # Resource kinds of interest; empty: all
    tags: tuple[str, ...] = ()
    preview: bool = False
    fixes: tuple[str, ...] = ()

    @property
    def docs(self) -> str:
        return f"{DOCS}{self.name}.md"
