"""`pgconnlint check`: the command people and pipelines run."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec

from pgconnlint import baseline
from pgconnlint.cli import outputs as out
from pgconnlint.cli.caching import cache_for
from pgconnlint.cli.progress import Progress
from pgconnlint.cli.running import Settings, run, shown_from
from pgconnlint.cli.targets import Target, configured, git_root, root_of, targets
from pgconnlint.config import Config
from pgconnlint.errors import UsageError
from pgconnlint.finding import Result, Severity
from pgconnlint.report.view import View, gravity, summary_line

SEVERITIES = click.Choice(["note", "warning", "error"])
STANDARD_INPUT = "-"


def _words(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Options that may be repeated or hold several words separated by commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


@click.command(context_settings={"max_content_width": 110})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help=f"{', '.join(out.FORMATS)}; repeatable."
)
@click.option(
    "--select", multiple=True, callback=_words, metavar="RULES", help="Only these rules: ids, beginnings of ids, names."
)
@click.option("--ignore", multiple=True, callback=_words, metavar="RULES", help="Not these rules.")
@click.option(
    "--fail-on", type=click.Choice(["note", "warning", "error", "never"]), help="Least severity for exit code 1."
)
@click.option("--min-severity", type=SEVERITIES, help="Report nothing milder.")
@click.option("--min-confidence", type=click.Choice(["low", "medium", "high"]), help="Report nothing less certain.")
@click.option("--pooling", type=click.Choice(["transaction", "session"]), help="How the pooler in front will pool.")
@click.option(
    "--baseline", "baseline_file", type=click.Path(path_type=Path), help="Leave out the findings of this file."
)
@click.option(
    "--write-baseline", type=click.Path(path_type=Path), help="Write all findings to this file and exit with 0."
)
@click.option("--diff-base", metavar="REV", help="Report only what was introduced since this git revision.")
@click.option(
    "--plan", type=click.Path(path_type=Path, dir_okay=False), help="A Terraform plan as JSON (`terraform show -json`)."
)
@click.option("--fix", is_flag=True, help="Correct what can be corrected safely.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also what may change a program's meaning.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; change nothing.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--accept-failures", is_flag=True, help="Exit with 0, not 3, when something could not be analysed.")
@click.option("--no-cache", is_flag=True, help="Analyse every file anew.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, metavar="N", help="Processes; 0 lets the program choose."
)
@click.option("--stdin-filename", metavar="P", help="Read this file's content from standard input.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in text.")
@click.option("-q", "--quiet", is_flag=True, help="Findings only.")
@click.option("-v", "--verbose", is_flag=True, help="Confidence and documentation of each finding; tracebacks.")
def check(paths: tuple[str, ...], **options: Any) -> int:
    """Look for what will exhaust PostgreSQL's connections.

    PATHS (default: here) choose what is reported; the folder of the nearest configuration upwards, else the git
    repository, is what is read.
    """
    from pgconnlint.cli import fix as fixes

    reports = out.parse(options["formats"])
    work = fixes.corrections(options)
    stdin = _stdin(paths, options["stdin_filename"])
    wanted = targets([path for path in paths if path != STANDARD_INPUT] or ([] if stdin else ["."]))
    if stdin:
        wanted = _reporting_stdin(stdin[0])
    settings = Settings(
        adjust=lambda config: adjusted(config, options),
        workers=options["workers"],
        cache=lambda root: None if options["no_cache"] else cache_for(root),
        diff_base=options["diff_base"],
        correct=work,
        overlays=(*([stdin] if stdin else []), *_plans(wanted, options["plan"])),
    )
    with Progress(wanted=not options["quiet"]) as progress:
        base, result = run(wanted, replace(settings, progress=progress))
    if work is not None and (work.mode == "diff" or stdin):
        return fixes.show(work, stdin, quiet=options["quiet"])
    failed = work.finish(fixes.shown) if work is not None else 0
    if options["write_baseline"]:
        return _write_baseline(options["write_baseline"], result)
    if options["baseline_file"]:
        path: Path = options["baseline_file"]
        result = baseline.without(result, baseline.read(_text(path), str(path)), f"in {path.name}")
    out.write(reports, result, lambda output: _view(base, output, options))
    _remarks(result, reports, options)
    if work is not None and not options["quiet"]:
        click.echo(f"pgconnlint: {work.summary(failed)}", err=True)
    if failed:
        return 2
    fail_on = options["fail_on"] or adjusted(wanted[0].config, options).fail_on
    return 0 if options["exit_zero"] else exit_code(result, fail_on, accept_failures=options["accept_failures"])


def exit_code(result: Result, fail_on: str, *, accept_failures: bool) -> int:
    """0 clean, 1 findings at or above ``fail_on``, 3 nothing found but not everything looked at."""
    if fail_on != "never" and any(gravity(finding) >= Severity[fail_on.upper()] for finding in result.findings):
        return 1
    return 3 if result.failures and not accept_failures else 0


def adjusted(config: Config, options: dict[str, Any]) -> Config:
    """The configuration with what the command line says instead."""
    changes: dict[str, Any] = {
        key: options[key]
        for key in ("fail_on", "min_severity", "min_confidence", "pooling")
        if options.get(key) is not None
    }
    if options.get("select"):
        changes["select"] = options["select"]
    if options.get("ignore"):
        changes["ignore"] = (*config.ignore, *options["ignore"])
    if options.get("plan"):
        changes["plan"] = (*config.plan, _plan_name(options["plan"]))
    return msgspec.structs.replace(config, **changes)


def _stdin(paths: tuple[str, ...], name: str | None) -> tuple[Path, bytes] | None:
    if name is None and STANDARD_INPUT not in paths:
        return None
    if name is None:
        raise UsageError("`-` needs `--stdin-filename`, which says what kind of file it is and where it lies")
    return Path(os.path.abspath(name)), sys.stdin.buffer.read()


def _plans(wanted: list[Target], plan: Path | None) -> list[tuple[Path, bytes]]:
    """A plan counts as a file at the top of every project, wherever it lies."""
    if plan is None:
        return []
    try:
        content = plan.read_bytes()
    except OSError as error:
        raise UsageError(f"{plan}: cannot be read: {error.strerror or error}") from None
    return [(target.root / _plan_name(plan), content) for target in wanted]


def _plan_name(plan: Path) -> str:
    """Plans are told from other JSON by their names."""
    return plan.name if "plan" in plan.name.lower() else f"plan-{plan.name}"


def _reporting_stdin(path: Path) -> list[Target]:
    folder = next((parent for parent in path.parents if parent.is_dir()), Path.cwd())
    root = root_of(folder)
    relative = path.relative_to(root).as_posix()
    return [Target(root, configured(root), (relative,), (relative,))]


def _write_baseline(path: Path, result: Result) -> int:
    try:
        path.write_text(baseline.written(result.findings), "utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None
    click.echo(f"{len(result.findings)} findings written to {path}", err=True)
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from None


def _view(base: Path, output: out.Output, options: dict[str, Any]) -> View:
    root, inside, repository = shown_from(base, Path.cwd(), git_root(base))
    return View(
        color=output.file is None and colored(options["color"]),
        width=_width() if output.file is None else 120,
        root=root,
        inside=inside,
        repository=repository,
        verbose=options["verbose"],
        quiet=options["quiet"],
        statistics=options["statistics"],
    )


def _width() -> int:
    import shutil

    return max(60, min(160, shutil.get_terminal_size((120, 24)).columns))


def colored(choice: str) -> bool:
    """Whether standard output gets colours: the option, then NO_COLOR and FORCE_COLOR, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _remarks(result: Result, reports: list[out.Output], options: dict[str, Any]) -> None:
    """What concerns the run and not the code goes to standard error."""
    if options["quiet"]:
        return
    for note in result.notes:
        click.echo(f"pgconnlint: note: {note}", err=True)
    if not result.files:
        click.echo("pgconnlint: note: no file here is of a kind that pgconnlint reads", err=True)
    if all(report.file is not None for report in reports):
        click.echo(f"pgconnlint: {summary_line(result)}", err=True)
