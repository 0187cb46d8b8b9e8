"""Where a project's bytes come from: the disk, memory, or a git tree; and which files count."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pathspec

from pgconnlint.errors import UsageError
from pgconnlint.finding import Failure, FailureKind
from pgconnlint.syntax.decode import LIMIT
from pgconnlint.syntax.languages import language_of

SKIPPED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", ".jj", ".tox", ".nox", ".venv", "venv", ".env", "virtualenv", "site-packages",
    "node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store", "__pycache__", "__pypackages__",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".terraform", ".terragrunt-cache", ".next", ".nuxt",
    ".svelte-kit", ".output", ".serverless", ".aws-sam", "cdk.out", "vendor", "third_party", "third-party", "dist",
    ".eggs", "htmlcov", "coverage", ".idea", ".gradle", ".pgconnlint_cache", ".turbo", ".parcel-cache", ".vercel",
})  # fmt: skip
"""Vendored, generated and tool folders, skipped at any depth unless `include` names them."""

SKIPPED_FILES = ("*.min.js", "*.min.mjs", "*.bundle.js", "*.d.ts", "*-lock.json.bak", "*_pb2.py", "*.generated.*")


class Source(Protocol):
    """Bytes by path; paths are relative to the root with forward slashes."""

    def paths(self) -> Iterator[str]: ...

    def read(self, path: str) -> bytes | Failure: ...


class Memory:
    """Files held in memory: tests, standard input, editor buffers."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {
            path: content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            for path, content in files.items()
        }

    def paths(self) -> Iterator[str]:
        return iter(self._files)

    def read(self, path: str) -> bytes | Failure:
        return self._files.get(path, b"")


class Overlay:
    """A source with some files replaced: an editor's open buffers over the disk."""

    def __init__(self, below: Source, files: Mapping[str, str | bytes]) -> None:
        self._below = below
        self._above = Memory(files)
        self._names = frozenset(files)

    def paths(self) -> Iterator[str]:
        yield from self._names
        yield from (path for path in self._below.paths() if path not in self._names)

    def read(self, path: str) -> bytes | Failure:
        return (self._above if path in self._names else self._below).read(path)


class Disk:
    """A folder on disk, minus what git ignores, tool folders and ``exclude``.

    Symbolic links to files inside the root are followed once; links to folders are not.
    """

    def __init__(self, root: Path, exclude: tuple[str, ...] = (), include: tuple[str, ...] = ()) -> None:
        self.root = root
        self._exclude = pathspec.PathSpec.from_lines("gitignore", (*SKIPPED_FILES, *exclude))
        self._include = pathspec.PathSpec.from_lines("gitignore", include) if include else None
        self._include_roots = tuple(pattern.strip("/").split("*")[0].rstrip("/") for pattern in include)

    def paths(self) -> Iterator[str]:
        """Every file that may matter, sorted within each folder."""
        yield from self._walk("", self._outer_ignores())

    def _outer_ignores(self) -> tuple[tuple[str, pathspec.PathSpec], ...]:
        """`.gitignore` files between the git root and our root apply, too."""
        specs = []
        for parent in (self.root, *self.root.parents):
            if parent != self.root and (spec := _ignore_file(parent / ".gitignore")):
                prefix = self.root.relative_to(parent).as_posix() + "/"
                specs.append(("^" + prefix, spec))
            if (parent / ".git").exists():
                if spec := _ignore_file(parent / ".git" / "info" / "exclude"):
                    relative = self.root.relative_to(parent).as_posix()
                    specs.append(("^" + (f"{relative}/" if relative != "." else ""), spec))
                return tuple(reversed(specs))
        return ()

    def _walk(self, folder: str, ignores: tuple[tuple[str, pathspec.PathSpec], ...]) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(self.root / folder), key=lambda entry: entry.name)
        except OSError:
            return
        if spec := _ignore_file(self.root / folder / ".gitignore"):
            ignores = (*ignores, (folder, spec))
        for entry in entries:
            path = f"{folder}{entry.name}"
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                is_file = entry.is_file()
            except OSError:
                continue
            if is_folder:
                if self._enters(entry.name, path, ignores):
                    yield from self._walk(path + "/", ignores)
            elif is_file and language_of(path) and self._counts(path, ignores):
                if not entry.is_symlink() or self._inside(path):
                    yield path

    def _inside(self, path: str) -> bool:
        try:
            return (self.root / path).resolve(strict=True).is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):
            return False

    def _enters(self, name: str, path: str, ignores: tuple[tuple[str, pathspec.PathSpec], ...]) -> bool:
        if self._include and any(
            root == path or root.startswith(path + "/") or path.startswith(root + "/")
            for root in self._include_roots
            if root
        ):
            return True
        if name in SKIPPED_FOLDERS or (self.root / path / "pyvenv.cfg").exists():
            return False
        return not _ignored(path + "/", ignores) and not self._exclude.match_file(path + "/")

    def _counts(self, path: str, ignores: tuple[tuple[str, pathspec.PathSpec], ...]) -> bool:
        if self._include and self._include.match_file(path):
            return True
        return not _ignored(path, ignores) and not self._exclude.match_file(path)

    def read(self, path: str) -> bytes | Failure:
        target = self.root / path
        try:
            status = target.stat()
            if not stat.S_ISREG(status.st_mode):
                return Failure(path, FailureKind.UNREADABLE, "is not a regular file")
            if status.st_size > LIMIT:
                size = f"{status.st_size / 1e6:.1f} MB"
                return Failure(
                    path, FailureKind.TOO_LARGE, f"{size} is more than the {LIMIT // 1_000_000} MB that are read"
                )
            return target.read_bytes()
        except FileNotFoundError:
            return Failure(path, FailureKind.UNREADABLE, "vanished while the project was read")
        except OSError as error:
            return Failure(path, FailureKind.UNREADABLE, f"cannot be read: {error.strerror or error}")


def _ignore_file(path: Path) -> pathspec.PathSpec | None:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    return pathspec.PathSpec.from_lines("gitignore", lines)


def _ignored(path: str, ignores: tuple[tuple[str, pathspec.PathSpec], ...]) -> bool:
    """Git's order: the deepest file that says anything decides."""
    for prefix, spec in reversed(ignores):
        if prefix.startswith("^"):
            candidate = prefix[1:] + path
        elif path.startswith(prefix):
            candidate = path[len(prefix) :]
        else:
            continue
        verdict = spec.check_file(candidate).include
        if verdict is not None:
            return verdict
    return False


class GitTree:
    """The files of one revision of a git repository, read with `git cat-file`; nothing is checked out."""

    def __init__(self, root: Path, revision: str, exclude: tuple[str, ...] = ()) -> None:
        self.root = root
        self.revision = revision
        self._exclude = pathspec.PathSpec.from_lines("gitignore", (*SKIPPED_FILES, *exclude))
        if revision.startswith("-"):
            raise UsageError(f"`{revision}` is not a git revision")
        listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", f"{revision}^{{commit}}")
        top = _git(root, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip()
        self._blobs: dict[str, str] = {}
        for record in listing.split(b"\0"):
            if not record:
                continue
            mode_kind_id, _, raw = record.partition(b"\t")
            mode, kind, blob = mode_kind_id.decode().split()
            path = raw.decode("utf-8", "surrogateescape")
            if kind == "blob" and mode != "120000" and path.startswith(top) and self._counts(path[len(top) :]):
                self._blobs[path[len(top) :]] = blob

    def _counts(self, path: str) -> bool:
        folders = path.split("/")[:-1]
        skipped = any(folder in SKIPPED_FOLDERS for folder in folders)
        return bool(not skipped and language_of(path) and not self._exclude.match_file(path))

    def paths(self) -> Iterator[str]:
        return iter(sorted(self._blobs))

    def read(self, path: str) -> bytes | Failure:
        blob = self._blobs.get(path)
        if blob is None:
            return Failure(path, FailureKind.UNREADABLE, f"is not in {self.revision}")
        return _git(self.root, "cat-file", "blob", blob)


def _git(root: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError("git is needed for this and was not found on PATH") from None
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise UsageError(f"git {arguments[0]}: {reason}")
    return done.stdout
