"""From paths on the command line to projects: what is reported, and what is read for it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pgconnlint import config as configuration
from pgconnlint.config import Config
from pgconnlint.errors import UsageError


@dataclass(frozen=True, slots=True)
class Target:
    """One project: its root, configuration, and the paths below the root that are reported.

    ``paths`` are relative with forward slashes; "" is the root itself. ``files`` are those of
    them that are single files: they are read even where git ignores them. ``alone``: the root itself
    is ignored by git, and was named.
    """

    root: Path
    config: Config
    paths: tuple[str, ...] = ("",)
    files: tuple[str, ...] = ()
    alone: bool = False

    def reports(self, path: str) -> bool:
        return any(not wanted or path == wanted or path.startswith(wanted + "/") for wanted in self.paths)

    def together(self, other: Target) -> Target:
        """The same project, reporting what either reports."""
        return replace(self, paths=(*self.paths, *other.paths), files=(*self.files, *other.files))

    def below(self, folder: str) -> Target | None:
        """The project in a folder below, or None when nothing in it is reported."""
        paths = []
        for wanted in self.paths:
            if not wanted or wanted == folder or folder.startswith(wanted + "/"):
                paths.append("")
            elif wanted.startswith(folder + "/"):
                paths.append(wanted.removeprefix(folder + "/"))
        if not paths:
            return None
        files = tuple(one.removeprefix(folder + "/") for one in self.files if one.startswith(folder + "/"))
        return Target(self.root / folder, configured(self.root / folder), tuple(paths), files)


def targets(paths: Iterable[str]) -> list[Target]:
    """One target for each root that the paths lie in. Raises UsageError for a path that is not there."""
    grouped: dict[Path, list[tuple[str, bool]]] = {}
    for given in paths:
        path = Path(os.path.abspath(given))
        if not path.exists():
            raise UsageError(f"{given}: no such file or folder")
        root = root_of(path)
        relative = path.relative_to(root).as_posix()
        grouped.setdefault(root, []).append(("" if relative == "." else relative, path.is_file()))
    return [
        Target(
            root,
            configured(root),
            tuple(relative for relative, _ in wanted),
            tuple(relative for relative, is_file in wanted if is_file),
        )
        for root, wanted in grouped.items()
    ]


def root_of(path: Path) -> Path:
    """The folder of the nearest configuration upwards, else the git root, else the path's own folder.

    The search ends at the git root: what lies around a repository does not configure it.
    """
    folder = path if path.is_dir() else path.parent
    top = git_root(folder)
    found = configuration.nearest(folder, stop=top)
    return found[0].parent if found else top or folder


def git_root(folder: Path) -> Path | None:
    """The folder of the git repository ``folder`` lies in."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def configured(root: Path) -> Config:
    """The configuration of the project at ``root``."""
    found = configuration.nearest(root, stop=root)
    return found[1] if found else Config()


def common(roots: Iterable[Path]) -> Path:
    """The folder that all reported paths are relative to."""
    return Path(os.path.commonpath([str(root) for root in roots]))
