"""Run the engine over every project the paths lie in, and make one result of it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pgconnlint import config as configuration
from pgconnlint.baseline import without
from pgconnlint.cli.merging import merged, moved
from pgconnlint.cli.remembering import keep, key_of, recalled, stamps
from pgconnlint.cli.targets import Target, common
from pgconnlint.config import Config
from pgconnlint.engine import check, fingerprinted
from pgconnlint.errors import UsageError
from pgconnlint.finding import Finding, Result
from pgconnlint.loading import Disk, GitTree, Overlay, git
from pgconnlint.program.lowered import Store
from pgconnlint.project import Project


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says about the run itself. ``adjust`` applies its options to a configuration."""

    adjust: Callable[[Config], Config] = lambda config: config
    workers: int = 0
    cache: Callable[[Path], Store | None] = lambda root: None
    diff_base: str | None = None
    overlays: tuple[tuple[Path, bytes], ...] = ()  # files whose content is given: standard input, plans
    progress: Callable[[str], None] = lambda stage: None
    correct: Callable[[Project, Target, Callable[[str], None]], Result] | None = None  # checks and corrects


@dataclass(frozen=True, slots=True)
class Opened:
    """A project ready to be checked."""

    target: Target
    project: Project
    nested: tuple[str, ...]


def run(targets: list[Target], settings: Settings) -> tuple[Path, Result]:
    """(the folder that all paths are relative to, the result)."""
    base = common(target.root for target in targets)
    results: list[Result] = []
    pending = {target.root: target for target in targets}
    while pending:
        target = pending.pop(min(pending, key=lambda root: len(root.parts)))  # outer projects name those inside
        opened = opened_project(target, settings)
        unread = _unread(opened)
        inside = [target.below(folder) for folder in opened.nested]
        for one in (*unread, *(below for below in inside if below is not None)):
            pending[one.root] = pending[one.root].together(one) if one.root in pending else one
        if len(unread) == len(target.paths) and unread:
            continue
        folder = target.root.relative_to(base).as_posix()
        results.append(moved(_checked(opened, settings), "" if folder == "." else folder))
    result = merged(results)
    return base, replace(
        result, findings=tuple(fingerprinted(result.findings)) if len(results) > 1 else result.findings
    )


def opened_project(target: Target, settings: Settings) -> Opened:
    """Read a target's files from disk, with what was given instead of some of them."""
    settings.progress(f"reading {target.root.name or target.root}")
    config = settings.adjust(target.config)
    disk = Disk(target.root, config.exclude, config.include, target.files, alone=target.alone)
    source: Disk | Overlay = disk
    above = {
        path.relative_to(target.root).as_posix(): content
        for path, content in settings.overlays
        if path.is_relative_to(target.root)
    }
    if above:
        source = Overlay(disk, above)
    project = Project(source, config, workers=settings.workers, cache=settings.cache(target.root))
    return Opened(target, project, tuple(disk.nested))


def _unread(opened: Opened) -> list[Target]:
    """Folders that were named but that git ignores or that are never entered: projects of their own."""
    target = opened.target
    found = []
    for path in target.paths:
        folder = target.root / path
        if not path or path in target.files or not folder.is_dir():
            continue
        known = (*opened.project.files.paths, *(f"{one}/" for one in opened.nested))
        inside_nested = any(f"{path}/".startswith(f"{one}/") for one in opened.nested)
        if not inside_nested and not any(one.startswith(f"{path}/") for one in known):
            found.append(Target(folder, target.config, alone=True))
    return found


def _checked(opened: Opened, settings: Settings) -> Result:
    target = opened.target
    if settings.correct is not None:
        result = settings.correct(opened.project, target, settings.progress)
    else:
        result = _remembered(opened, settings)
    if settings.diff_base is not None:
        result = _introduced(result, opened, settings.diff_base, settings)
    notes = tuple(configuration.expired(opened.project.config, date.today()))
    return replace(result, notes=(*result.notes, *notes))


def _remembered(opened: Opened, settings: Settings) -> Result:
    """The result of the very same files, where it was kept, else a new one."""
    target, cache = opened.target, settings.cache(opened.target.root)
    if cache is None:
        return check(opened.project, reported=target.reports, progress=settings.progress)
    before = stamps(opened.project, target)
    key = key_of(opened.project, target, opened.nested, cache)
    found = recalled(cache, key)
    if found is None:
        found = check(opened.project, reported=target.reports, progress=settings.progress)
        if stamps(opened.project, target) == before:  # a file written meanwhile may be in the result and not in its key
            keep(cache, key, found)
    return found


def _introduced(result: Result, opened: Opened, revision: str, settings: Settings) -> Result:
    """What is new since a revision: the same analysis of both, compared by fingerprint.

    A revision that is no ancestor stands for the point where the histories parted, as in a pull request.
    """
    root = opened.target.root
    base = parting(root, revision)
    tree = GitTree(root, base, opened.project.config.exclude, opened.nested)
    try:
        before = check(
            Project(tree, opened.project.config, workers=settings.workers, cache=settings.cache(root)),
            progress=lambda stage: settings.progress(f"{revision}: {stage}"),
        )
    finally:
        tree.close()
    renamed = _renames(root, base)
    known = fingerprinted(before.findings, renamed)
    old_failures = {(failure.path, failure.kind, failure.message) for failure in before.failures}
    failures = tuple(one for one in result.failures if (one.path, one.kind, one.message) not in old_failures)
    new = without(result, _as_before(result.findings, known, renamed), f"was there in {revision}")
    return replace(new, failures=failures)


def _as_before(now: Iterable[Finding], known: Iterable[Finding], renamed: Mapping[str, str]) -> frozenset[str]:
    """The fingerprints of findings that were there: a budget counts as the same while its sum has not grown.

    Where a finding has an amount, that is compared, not the text of its line: 900 of 77 is news where 500 was known,
    500 is none where 900 was; nor is a rollout that is too much where the peak was, and the rollout with it.
    """
    held = {_measured(one, renamed): one.amount for one in known if one.amount is not None}
    implied = {(rule, *_server(one)): amount for one in known for rule, amount in one.implied if amount is not None}
    found = {one.fingerprint for one in known if one.amount is None}
    for one in now:
        earlier = held.get(_measured(one, {}), implied.get((one.rule, *_server(one))))
        if one.amount is not None and earlier is not None and one.amount <= earlier:
            found.add(one.fingerprint)
    return frozenset(found)


def _server(finding: Finding) -> tuple[str, ...]:
    return finding.environment or "", finding.server or "", finding.key


def _measured(finding: Finding, renamed: Mapping[str, str]) -> tuple[str, ...]:
    path = renamed.get(finding.location.path, finding.location.path)
    return finding.rule, path, *_server(finding)


def parting(root: Path, revision: str) -> str:
    """The commit to compare with: where the histories of ``revision`` and HEAD parted. Raises UsageError."""
    if revision.startswith("-"):
        raise UsageError(f"`{revision}` is not a git revision")
    try:
        commit = git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except UsageError:
        raise UsageError(
            f"`{revision}` is no commit of the repository at {root.name or root}; "
            "in CI, fetch it first (`fetch-depth: 0`)"
        ) from None
    try:
        return git(root, "merge-base", commit, "HEAD").decode().strip() or commit
    except UsageError:  # unrelated or cut histories
        return commit


def _renames(root: Path, revision: str) -> dict[str, str]:
    """Old path to new path of the files git sees as renamed, both relative to ``root``."""
    listing = git(root, "diff", "--name-status", "-z", "-M", "--relative", "--diff-filter=R", revision)
    fields = listing.decode("utf-8", "surrogateescape").split("\0")
    return {old: new for kind, old, new in zip(fields[0::3], fields[1::3], fields[2::3], strict=False) if kind}


def shown_from(base: Path, here: Path, top: Path | None) -> tuple[str, str, str]:
    """(root seen from ``here``, ``here`` seen from the root when inside, root seen from the repository)."""
    root = posixpath.relpath(base.as_posix(), here.as_posix())
    inside = here.relative_to(base).as_posix() if here.is_relative_to(base) else ""
    repository = base.relative_to(top).as_posix() if top is not None and base.is_relative_to(top) else ""
    return root, "" if inside == "." else inside, "" if repository in ("", ".") else f"{repository}/"
