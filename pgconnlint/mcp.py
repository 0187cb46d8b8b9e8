"""A server of the Model Context Protocol: what programs that write code may ask, over standard input and output.

What is asked is answered by functions that the command line hands over; this module knows the protocol only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from pgconnlint import __version__
from pgconnlint.errors import PgconnlintError, UsageError

READING = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
FOLDER = Field(description="A file or folder, relative to the root of the project.")
REVISION = Field(description="A git revision: report only what was introduced since.")
CHANGES = Field(description="Such as replicas=20, pool=10, workers=4, max_connections=200, pooler=transaction.")

INSTRUCTIONS = """\
pgconnlint finds what will exhaust PostgreSQL's connections: leaks, missing poolers, unsafe limits, and budgets that do
not add up. Call `check` after you changed code that takes connections, or files that set pools, replicas or
max_connections; apply the replacements it gives, and call `explain` for a rule you do not know. `budget` shows the sum
behind PGC601 to PGC605, `what_if` recomputes it with other numbers."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Functions from a path inside the root, and words, to text; each raises UsageError."""

    check: Callable[[Path, str | None], str]
    explain: Callable[[str], str]
    budget: Callable[[Path, list[str]], str]


def create(root: Path, answers: Answers) -> MCPServer:
    """The server of one folder; nothing outside it is read."""
    server = MCPServer("pgconnlint", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")

    def asked(answer: Callable[[], str]) -> str:
        try:
            return answer()
        except PgconnlintError as error:
            raise ToolError(str(error)) from None

    @server.tool(annotations=READING, structured_output=False)
    def check(path: Annotated[str, FOLDER] = ".", diff_base: Annotated[str | None, REVISION] = None) -> str:
        """Findings of a file or folder, one a block, each with the exact replacement where there is one.

        The whole project is read whatever is reported.
        """
        return asked(lambda: answers.check(inside(root, path), diff_base))

    @server.tool(annotations=READING, structured_output=False)
    def explain(rule: Annotated[str, Field(description="An id such as PGC102, or a name.")]) -> str:
        """Why a rule exists, with examples of bad and good."""
        return asked(lambda: answers.explain(rule))

    @server.tool(annotations=READING, structured_output=False)
    def budget(path: Annotated[str, FOLDER] = ".") -> str:
        """Every server's connection budget: capacity against each demand, with the place of every factor."""
        return asked(lambda: answers.budget(inside(root, path), []))

    @server.tool(annotations=READING, structured_output=False)
    def what_if(changes: Annotated[list[str], CHANGES], path: Annotated[str, FOLDER] = ".") -> str:
        """The budgets recomputed with other numbers."""
        return asked(lambda: answers.budget(inside(root, path), changes))

    return server


def inside(root: Path, path: str) -> Path:
    """The path below the root. Raises UsageError for one outside, symbolic links followed."""
    found = (root / path).resolve()
    if not found.is_relative_to(root.resolve()):
        raise UsageError(f"`{path}` lies outside of the project")
    return found
