"""`pgconnlint fix`, and `--fix`, `--unsafe-fixes` and `--diff` of `check`."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from pgconnlint.cli.targets import Target
from pgconnlint.cli.writing import write
from pgconnlint.errors import UsageError
from pgconnlint.finding import Finding, Result
from pgconnlint.fixing import Change, Fixed, fixed
from pgconnlint.project import Project

MODES = ("fix", "unsafe_fixes", "diff")


@dataclass(slots=True)
class Corrections:
    """What one run corrects. ``mode`` write, diff or print; filled while the projects are checked."""

    mode: str
    unsafe: bool
    changes: list[tuple[Path, Change]] = field(default_factory=list)
    done: int = 0
    refused: list[tuple[Finding, str]] = field(default_factory=list)

    def __call__(self, project: Project, target: Target, progress: Callable[[str], None]) -> Result:
        """Check and correct one project; nothing is written yet."""
        found: Fixed = fixed(project, unsafe=self.unsafe, reported=target.reports, progress=progress)
        self.changes += [(target.root, change) for change in found.changes]
        self.done += len(found.done)
        self.refused += found.refused
        return found.result

    def finish(self, shown: Callable[[Path], str]) -> int:
        """Write the files or show the difference; the number of files that could not be written."""
        failed = 0
        for root, change in self.changes:
            if self.mode == "diff":
                sys.stdout.write(difference(change, shown(root / change.path)))
            elif self.mode == "write" and (problem := write(root, change)):
                failed += 1
                click.echo(f"pgconnlint: {problem}", err=True)
        return failed

    def summary(self, failed: int) -> str:
        files = len({root / change.path for root, change in self.changes}) - failed
        if not self.changes:
            return "nothing to correct"
        verb = "would be corrected" if self.mode == "diff" else "corrected"
        plural = "finding" if self.done == 1 else "findings"
        return f"{self.done} {plural} {verb} in {files} file{'' if files == 1 else 's'}"


def corrections(options: dict[str, Any]) -> Corrections | None:
    """What `--fix`, `--unsafe-fixes` and `--diff` ask for; None when nothing is to be corrected."""
    if not any(options.get(mode) for mode in MODES):
        return None
    if not options["fix"] and not options["diff"]:
        raise UsageError("`--unsafe-fixes` goes with `--fix` (correct) or `--diff` (show only)")
    if options.get("diff_base") or options.get("write_baseline"):
        raise UsageError("`--fix` and `--diff` look at the files as they are: not with --diff-base or --write-baseline")
    return Corrections("diff" if options["diff"] else "write", bool(options["unsafe_fixes"]))


def difference(change: Change, name: str) -> str:
    """A unified diff that `git apply` and `patch` read."""
    before = _lines(change.before.decode(change.encoding, "replace"))
    after = _lines(change.after.decode(change.encoding, "replace"))
    parts = []
    for line in difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"):
        parts.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(parts)


def _lines(text: str) -> list[str]:
    """Lines with their LF ends; other line separators stay inside."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


@click.command(context_settings={"max_content_width": 110})
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--unsafe-fixes", is_flag=True, help="Also what may change the meaning of a correct program.")
@click.option("--diff", is_flag=True, help="Show what would be corrected; change nothing.")
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these rules.")
@click.option("--min-confidence", type=click.Choice(["low", "medium", "high"]), help="Correct nothing less certain.")
@click.option("--stdin-filename", metavar="P", help="What standard input is: its name says the language.")
@click.option("--no-cache", is_flag=True, help="Analyse every file anew.")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
@click.option("-v", "--verbose", is_flag=True, help="Say what could not be corrected, and why; tracebacks.")
def fix(paths: tuple[str, ...], **options: Any) -> int:
    """Correct what can be corrected safely.

    `pgconnlint fix -` corrects standard input and prints it. A correction stays only when its finding is gone
    afterwards, no finding is new and the file still parses. Exit code 0: done; 1 with --diff: something would change.
    """
    from dataclasses import replace

    from pgconnlint.cli.caching import cache_for
    from pgconnlint.cli.check import _reporting_stdin, adjusted
    from pgconnlint.cli.progress import Progress
    from pgconnlint.cli.running import Settings, run
    from pgconnlint.cli.targets import targets

    for name in ("select", "ignore"):
        options[name] = tuple(word.strip() for one in options[name] for word in one.split(",") if word.strip())
    stdin, unsaid = _pasted(paths, options["stdin_filename"])
    work = Corrections("diff" if options["diff"] else "print" if stdin else "write", options["unsafe_fixes"])
    settings = Settings(
        adjust=lambda config: adjusted(config, options),
        cache=lambda root: None if options["no_cache"] else cache_for(root),
        overlays=(stdin,) if stdin else (),
        correct=work,
    )
    wanted = _reporting_stdin(stdin[0]) if stdin else targets(paths or (".",))
    with Progress(wanted=not options["quiet"]) as progress:
        run(wanted, replace(settings, progress=progress))
    if stdin and unsaid:
        stdin = (stdin[0], stdin[1].removesuffix(unsaid))
        work.changes = [(root, _without(change, unsaid)) for root, change in work.changes]
    if options["verbose"]:
        for finding, why in work.refused:
            click.echo(f"pgconnlint: {finding.location}: {finding.rule} not corrected: {why}", err=True)
    return show(work, stdin, quiet=options["quiet"])


def show(work: Corrections, stdin: tuple[Path, bytes] | None, *, quiet: bool) -> int:
    """Print, show or write what was corrected, and say how much; the exit code."""
    if stdin and work.mode != "diff":
        work.mode = "print"
        after = next((change.after for root, change in work.changes if root / change.path == stdin[0]), stdin[1])
        sys.stdout.buffer.write(after)
        sys.stdout.buffer.flush()
    failed = work.finish(shown)
    if not quiet:
        click.echo(f"pgconnlint: {work.summary(failed)}", err=True)
    return 2 if failed else int(work.mode == "diff" and bool(work.changes))


def shown(path: Path) -> str:
    """A path as seen from here, with forward slashes."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _without(change: Change, unsaid: bytes) -> Change:
    """The change of what was really pasted."""
    from dataclasses import replace

    return replace(change, before=change.before.removesuffix(unsaid), after=change.after.removesuffix(unsaid))


def _pasted(paths: tuple[str, ...], name: str | None) -> tuple[tuple[Path, bytes] | None, bytes]:
    """Standard input and the name that says what it is, a guess where none is given; the imports read with it."""
    if "-" not in paths and name is None:
        return None, b""
    if [path for path in paths if path != "-"]:
        raise UsageError("standard input is corrected alone: no other paths beside `-`")
    import os

    from pgconnlint.fix.guessing import likely_name, unsaid

    data = sys.stdin.buffer.read()
    if name is not None:
        return (Path(os.path.abspath(name)), data), b""
    guessed = likely_name(data)
    added = unsaid(guessed, data)
    return (Path(os.path.abspath(guessed)), data + added), added
