"""`pgconnlint mcp`: the Model Context Protocol, for programs that write code."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path

import click

from pgconnlint.errors import UsageError


@click.command()
@click.argument("root", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def mcp(root: Path) -> None:
    """Serve programs that write code over the Model Context Protocol (standard input and output).

    ROOT (default: here) is the folder they may ask about.
    """
    if find_spec("mcp") is None:
        raise UsageError("the MCP server needs `pip install 'pgconnlint[mcp]'`")
    from pgconnlint.cli.about import explained
    from pgconnlint.cli.budget import recomputed
    from pgconnlint.mcp import Answers, create

    root = root.resolve()
    create(root, Answers(partial(_checked, root), explained, recomputed)).run()


def _checked(root: Path, path: Path, diff_base: str | None) -> str:
    """The findings, with paths as seen from the root."""
    from pgconnlint.cli.caching import cache_for
    from pgconnlint.cli.running import Settings, run, shown_from
    from pgconnlint.cli.targets import git_root, targets
    from pgconnlint.report import agent
    from pgconnlint.report.view import View

    base, result = run(targets([str(path)]), Settings(cache=cache_for, diff_base=diff_base))
    shown, inside, repository = shown_from(base, root, git_root(base))
    return agent.render(result, View(root=shown, inside=inside, repository=repository))
