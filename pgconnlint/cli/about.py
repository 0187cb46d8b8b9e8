"""Commands that tell something and look at no project: rules, explain, config-schema, cache, policies, completion."""

from __future__ import annotations

import json
import shutil
from difflib import get_close_matches
from pathlib import Path

import click

from pgconnlint.errors import UsageError


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def rules(form: str) -> None:
    """List every rule: id, severity, name and what it is about."""
    from pgconnlint.report.prose import parse
    from pgconnlint.rules import catalogue

    loaded = catalogue()
    if form == "json":
        entries = [
            {
                "id": one.rule.id,
                "name": one.rule.name,
                "severity": one.rule.severity.word,
                "summary": parse(one.doc).summary,
                "formats": list(one.rule.formats),
                "precision": one.rule.precision,
                "docs": one.rule.docs,
            }
            for one in loaded
        ]
        click.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    width = max(len(one.rule.name) for one in loaded)
    for one in loaded:
        click.echo(f"{one.rule.id}  {one.rule.severity.word:<7}  {one.rule.name:<{width}}  {parse(one.doc).summary}")


@click.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Explain a RULE, given by id or by name: why, and examples of bad and good."""
    click.echo(explained(rule), nl=False)


def explained(rule: str) -> str:
    """The page of a rule, by id or by name. Raises UsageError with the nearest name."""
    from pgconnlint.report.docs import page
    from pgconnlint.rules import catalogue

    wanted = rule.strip().upper() if rule.strip().upper().startswith("PGC") else rule.strip().lower()
    for one in catalogue():
        if wanted in (one.rule.id, one.rule.name):
            return page(one)
    names = [word for one in catalogue() for word in (one.rule.id, one.rule.name)]
    near = get_close_matches(wanted, names, n=1, cutoff=0.5)
    raise UsageError(f"`{rule}` names no rule" + (f"; did you mean `{near[0]}`?" if near else ""))


@click.command("config-schema")
def config_schema() -> None:
    """Print the JSON schema of `pgconnlint.toml` and `[tool.pgconnlint]`."""
    from pgconnlint.config import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))


@click.group()
def cache() -> None:
    """Manage the cache of analysed files."""


@cache.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
def clean(path: Path) -> None:
    """Remove the cache of the project that PATH lies in."""
    from pgconnlint.cli.caching import cache_folder
    from pgconnlint.cli.targets import root_of

    folder = cache_folder(root_of(path.absolute()))
    if not folder.is_dir():
        click.echo("There is no cache.")
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be removed: {error.strerror or error}") from None
    click.echo(f"Removed {folder}.")


@click.group()
def policies() -> None:
    """The Checkov policies that come with pgconnlint."""


@policies.command("path")
def policies_path() -> None:
    """Print their folder: `checkov --external-checks-dir "$(pgconnlint policies path)"`."""
    import pgconnlint

    package = Path(pgconnlint.__file__).parent
    for folder in (package / "policies", package.parent / "policies"):
        if folder.is_dir():
            click.echo(str(folder))
            return
    raise UsageError("the policies were not installed with this package")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a completion script: `eval "$(pgconnlint completion bash)"`."""
    from click.shell_completion import get_completion_class

    from pgconnlint.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "pgconnlint", "_PGCONNLINT_COMPLETE").source())
