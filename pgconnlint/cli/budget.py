"""`pgconnlint budget`: capacity against every demand, server by server; the gate of a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from pgconnlint.budget import whatif
from pgconnlint.budget.model import Budget
from pgconnlint.cli.caching import cache_for
from pgconnlint.cli.check import adjusted
from pgconnlint.cli.running import Opened, Settings, opened_project, parting, run, shown_from
from pgconnlint.cli.targets import git_root, targets
from pgconnlint.config import Config
from pgconnlint.errors import UsageError
from pgconnlint.finding import Severity
from pgconnlint.loading import GitTree
from pgconnlint.project import Project
from pgconnlint.report import budget_html, budget_json, budget_text, sarif
from pgconnlint.report.view import View, gravity

FORMATS = ("text", "json", "markdown", "html", "sarif")
RULES = ("PGC503", "PGC601", "PGC602", "PGC603", "PGC604", "PGC605")
"""What SARIF holds: the rules that look at budgets."""


@click.command("budget")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to show it.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
@click.option(
    "--what-if",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help=f"Recompute with other numbers; repeatable. Keys: {', '.join(whatif.KEYS)}.",
)
@click.option("--suggest", is_flag=True, help="Propose the smallest changes that make each budget fit.")
@click.option("--diff-base", metavar="REV", help="Show what was added since this git revision (markdown).")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when a budget is exceeded.")
def budget(
    paths: tuple[str, ...],
    form: str,
    output: Path | None,
    changes: tuple[str, ...],
    suggest: bool,
    diff_base: str | None,
    exit_zero: bool,
) -> int:
    """Show every server's connection budget: capacity against each demand, with the place of every factor.

    Exits with 1 when a budget is exceeded at peak or during a rollout.
    """
    settings = Settings(cache=cache_for)
    words = [word for given in changes for word in given.split()]
    if form == "sarif":
        return _sarif(paths or (".",), output, words, diff_base, exit_zero)
    opened = list(_opened(paths or (".",), settings))
    budgets = _budgets(opened, words)
    before = [one for project in opened for one in _before(project, diff_base)] if diff_base else None
    rendered = _rendered(budgets, before, form, suggest)
    if output is None:
        click.echo(rendered, nl=False)
    else:
        _write(output, rendered)
    return 1 if budget_text.exceeded(budgets) and not exit_zero else 0


def _sarif(
    paths: tuple[str, ...], output: Path | None, words: list[str], diff_base: str | None, exit_zero: bool
) -> int:
    """The findings about budgets, as the files are: other numbers have no place in them."""
    if words:
        raise UsageError("`--format sarif` shows the files as they are: `--what-if` goes with the other formats")
    adjust: Callable[[Config], Config] = lambda config: adjusted(config, {"select": RULES})  # noqa: E731
    base, result = run(targets(paths), Settings(adjust=adjust, cache=cache_for, diff_base=diff_base))
    root, inside, repository = shown_from(base, Path.cwd(), git_root(base))
    rendered = sarif.render(result, View(root=root, inside=inside, repository=repository))
    if output is None:
        click.echo(rendered, nl=False)
    else:
        _write(output, rendered)
    grave = any(gravity(one) is Severity.ERROR for one in result.findings)
    return 1 if grave and not exit_zero else 0


def recomputed(path: Path, words: list[str], *, suggest: bool = False) -> str:
    """The budgets below ``path`` in text, with other numbers (`KEY=VALUE`) if there are any. Raises UsageError."""
    return budget_text.text(_budgets(_opened((str(path),), Settings(cache=cache_for)), words), suggestions=suggest)


def _budgets(opened: Iterable[Opened], words: list[str]) -> list[Budget]:
    return [_changed(one, words) for project in opened for one in project.project.budgets]


def _opened(paths: tuple[str, ...], settings: Settings) -> Iterator[Opened]:
    pending = targets(paths)
    while pending:
        one = opened_project(pending.pop(0), settings)
        yield one
        pending.extend(below for folder in one.nested if (below := one.target.below(folder)))


def _changed(one: Budget, words: list[str]) -> Budget:
    return whatif.apply(one, whatif.read(words)) if words else one


def _before(opened: Opened, revision: str) -> tuple[Budget, ...]:
    base = parting(opened.target.root, revision)
    config = opened.project.config
    tree = GitTree(opened.target.root, base, config.exclude, opened.nested)
    try:
        return Project(tree, config, cache=cache_for(opened.target.root)).budgets
    finally:
        tree.close()


def _rendered(budgets: list[Budget], before: list[Budget] | None, form: str, suggestions: bool) -> str:
    match form:
        case "json":
            return budget_json.render(budgets, suggestions=suggestions)
        case "markdown":
            return budget_text.markdown(budgets, before=before)
        case "html":
            return budget_html.render(budgets)
    if before is not None:
        return budget_text.markdown(budgets, before=before)
    return budget_text.text(budgets, suggestions=suggestions)


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, "utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None
