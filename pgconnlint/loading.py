"""Where a project's bytes come from: the disk, memory, or a git tree; and which files count."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pathspec

from pgconnlint.config import FILE_NAME
from pgconnlint.errors import UsageError
from pgconnlint.finding import Failure, FailureKind
from pgconnlint.syntax.decode import LIMIT
from pgconnlint.syntax.languages import SOURCE, language_of

SKIPPED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", ".jj", ".tox", ".nox", ".venv", "venv", ".env", "virtualenv", "site-packages",
    "node_modules", "bower_components", "jspm_packages", ".yarn", ".pnpm-store", "__pycache__", "__pypackages__",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".terraform", ".terragrunt-cache", ".next", ".nuxt",
    ".svelte-kit", ".output", ".serverless", ".aws-sam", "cdk.out", "vendor", "third_party", "third-party", "dist",
    ".eggs", "htmlcov", "coverage", ".idea", ".gradle", ".pgconnlint_cache", ".turbo", ".parcel-cache", ".vercel",
})  # fmt: skip
"""Vendored, generated and tool folders, skipped at any depth unless `include` names them."""

_SKIPPED_ENDINGS = (".min.js", ".min.mjs", ".bundle.js", ".d.ts", ".d.mts", ".d.cts", "-lock.json.bak", "_pb2.py")


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

    @property
    def failures(self) -> Iterable[Failure]:
        """What the source below could not list."""
        return getattr(self._below, "failures", ())

    def paths(self) -> Iterator[str]:
        yield from sorted(self._names)
        yield from (path for path in self._below.paths() if path not in self._names)

    def read(self, path: str) -> bytes | Failure:
        return (self._above if path in self._names else self._below).read(path)


class Patterns:
    """Lines of an ignore file, with a quick way to say that none of them matches.

    One alternation rejects most paths in a single step; only the others are put to
    pathspec, which knows the order and negation.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._spec = pathspec.PathSpec.from_lines("gitignore", lines)
        expressions = [pattern.regex for pattern in self._spec.patterns if pattern.include is not None]
        parts = [expression.pattern for expression in expressions if expression is not None]
        named = re.compile(r"\(\?P<\w+>")
        self._any = re.compile("|".join(f"(?:{named.sub('(?:', part)})" for part in parts)) if parts else None

    def verdict(self, path: str) -> bool | None:
        """True: matched, False: matched by a negation last, None: nothing says anything."""
        if self._any is None or self._any.match(path) is None:
            return None
        return self._spec.check_file(path).include

    def __contains__(self, path: str) -> bool:
        return bool(self.verdict(path))


Ignores = tuple[tuple[str, str, Patterns], ...]
"""(what paths must start with, what to put before them, patterns), outermost first."""


class Disk:
    """A folder on disk, minus what git ignores, tool folders, ``exclude`` and projects of their own.

    Links to source files inside the root are not followed (the file itself is read); links to
    other files are, since Terraform and Kustomize read a folder by what lies in it; links to
    folders never are. ``nested`` and ``failures`` are complete once `paths` was consumed.
    ``explicit`` files count even when ignored; ``alone``: what is ignored further up does not matter.
    """

    def __init__(
        self,
        root: Path,
        exclude: tuple[str, ...] = (),
        include: tuple[str, ...] = (),
        explicit: Iterable[str] = (),
        *,
        alone: bool = False,
    ) -> None:
        self.root = root
        self._folder = os.path.join(root, "")
        self._alone = alone
        self.nested: list[str] = []  # folders below with a configuration: projects of their own
        self.failures: list[Failure] = []
        self._exclude = Patterns(exclude)
        self._include = Patterns(include) if include else None
        self._explicit = frozenset(explicit)
        self._committed: tuple[frozenset[str], frozenset[str]] | None = None
        roots = [pattern.strip("/").split("*")[0].rstrip("/") for pattern in include]
        self._include_roots = tuple(root for root in [*roots, *self._explicit] if root)

    def paths(self) -> Iterator[str]:
        """Every file that may matter, sorted within each folder."""
        self.nested.clear()
        self.failures.clear()
        self._committed = None
        folders: list[tuple[str, Ignores | None]] = [("", self._outer_ignores())]
        while folders:
            below, files = self._listed(*folders.pop())
            yield from files
            folders.extend(reversed(below))

    def _outer_ignores(self) -> Ignores:
        """`.gitignore` files between the git root and our root apply, too."""
        found: list[tuple[str, str, Patterns]] = []
        for parent in () if self._alone else (self.root, *self.root.parents):
            prefix = "" if parent == self.root else self.root.relative_to(parent).as_posix() + "/"
            if prefix and (patterns := _ignore_file(parent / ".gitignore")):
                found.append(("", prefix, patterns))
            if (parent / ".git").exists():
                if patterns := _ignore_file(parent / ".git" / "info" / "exclude"):
                    found.append(("", prefix, patterns))
                return tuple(reversed(found))
        return ()

    def _listed(self, folder: str, ignores: Ignores | None) -> tuple[list[tuple[str, Ignores | None]], list[str]]:
        """The folders to enter and the files that count, directly in ``folder``.

        ``ignores`` is None in a folder that is entered only for what `include` names in it.
        """
        try:
            with os.scandir(self.root / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except FileNotFoundError:
            return [], []
        except OSError as error:
            where = folder.rstrip("/") or "."
            self.failures.append(Failure(where, FailureKind.UNREADABLE, f"cannot be listed: {error.strerror or error}"))
            return [], []
        names = {entry.name for entry in entries}
        if folder and self._is_project(folder, names):
            self.nested.append(folder.rstrip("/"))
            return [], []
        if folder and "pyvenv.cfg" in names and not self._wanted(folder.rstrip("/")):
            return [], []
        if (
            ignores is not None
            and ".gitignore" in names
            and (patterns := _ignore_file(self.root / folder / ".gitignore"))
        ):
            ignores = (*ignores, (folder, "", patterns))
        below: list[tuple[str, Ignores | None]] = []
        files: list[str] = []
        for entry in entries:
            path = f"{folder}{entry.name}"
            if _is_folder(entry):
                if ignores is not None and self._enters(entry.name, path, ignores):
                    below.append((path + "/", ignores))
                elif self._wanted(path):
                    below.append((path + "/", None))
            elif self._counts(path, ignores) and _is_file(entry) and (not entry.is_symlink() or self._follows(path)):
                files.append(path)
        return below, files

    def _is_project(self, folder: str, names: set[str]) -> bool:
        if FILE_NAME in names:
            return True
        if "pyproject.toml" not in names:
            return False
        try:
            return b"tool.pgconnlint" in (self.root / folder / "pyproject.toml").read_bytes()
        except OSError:
            return False

    def _follows(self, path: str) -> bool:
        try:
            target = (self.root / path).resolve(strict=True)
            inside = target.is_relative_to(self.root.resolve())
        except (OSError, RuntimeError):
            return False
        return inside and language_of(path) not in SOURCE

    def _wanted(self, path: str) -> bool:
        """Whether `include` names the folder, something above it or something below it."""
        return any(
            root == path or root.startswith(path + "/") or path.startswith(root + "/") for root in self._include_roots
        )

    def _enters(self, name: str, path: str, ignores: Ignores) -> bool:
        if name in SKIPPED_FOLDERS or path + "/" in self._exclude:
            return False
        return not _ignored(path + "/", ignores) or path in self._in_git()[1]

    def _counts(self, path: str, ignores: Ignores | None) -> bool:
        if path in self._explicit:
            return language_of(path) is not None
        if not _may_matter(path):
            return False
        if self._include and path in self._include:
            return True
        if ignores is None or path in self._exclude:
            return False
        return not _ignored(path, ignores) or (path in self._in_git()[0] and language_of(path) not in SOURCE)

    def _in_git(self) -> tuple[frozenset[str], frozenset[str]]:
        """Files that were committed although patterns ignore them (`*.tfvars` above all), and the folders they lie in.

        Git does not ignore what it tracks. Nothing where there is no repository, or no git.
        """
        if self._committed is None:
            options = ("-z", "--cached", "--ignored", "--exclude-standard")
            try:
                listed = b"" if self._alone else git(self.root, "-c", "core.fsmonitor=false", "ls-files", *options)
            except (UsageError, OSError):
                listed = b""
            paths = frozenset(os.fsdecode(raw) for raw in listed.split(b"\0") if raw)
            above = (path[:end] for path in paths for end, sign in enumerate(path) if sign == "/")
            self._committed = (paths, frozenset(above))
        return self._committed

    def read(self, path: str) -> bytes | Failure:
        """One look-up of the path only: network and overlay file systems take their time for each."""
        try:
            # without O_NONBLOCK opening a pipe would wait for its other end
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            with open(os.open(f"{self._folder}{path}", flags), "rb", closefd=True) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return Failure(path, FailureKind.UNREADABLE, "is not a regular file")
                if status.st_size > LIMIT:
                    return _too_large(path, status.st_size)
                return file.read()
        except FileNotFoundError:
            return Failure(path, FailureKind.UNREADABLE, "vanished while the project was read")
        except (OSError, ValueError) as error:
            return Failure(path, FailureKind.UNREADABLE, f"cannot be read: {getattr(error, 'strerror', '') or error}")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Pipes, sockets and devices are no files: reading them could wait for ever."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _may_matter(path: str) -> bool:
    return language_of(path) is not None and not path.endswith(_SKIPPED_ENDINGS) and ".generated." not in path


def _too_large(path: str, size: int) -> Failure:
    return Failure(
        path, FailureKind.TOO_LARGE, f"{size / 1e6:.1f} MB is more than the {LIMIT // 1_000_000} MB that are read"
    )


def _ignore_file(path: Path) -> Patterns | None:
    try:
        return Patterns(path.read_text("utf-8", "replace").splitlines())
    except (OSError, ValueError, re.error):
        return None


def _ignored(path: str, ignores: Ignores) -> bool:
    """Git's order: the deepest file that says anything decides."""
    for start, before, patterns in reversed(ignores):
        verdict = patterns.verdict(before + path[len(start) :])
        if verdict is not None:
            return verdict
    return False


class GitTree:
    """The files of one revision of a git repository; nothing is checked out.

    ``root`` may be a subfolder of the repository. ``nested`` are folders below it that are
    projects of their own. Blobs come from one `git cat-file --batch` process.
    """

    def __init__(self, root: Path, revision: str, exclude: tuple[str, ...] = (), nested: Iterable[str] = ()) -> None:
        if revision.startswith("-"):
            raise UsageError(f"`{revision}` is not a git revision")
        self.root = root
        self.revision = revision
        self._exclude = Patterns(exclude)
        self._nested = tuple(f"{folder}/" for folder in nested)
        self._blobs = self._listing()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def _listing(self) -> dict[str, tuple[str, int]]:
        """Path to (blob id, size in bytes)."""
        prefix = git(self.root, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")
        listing = git(self.root, "ls-tree", "-r", "-l", "-z", "--full-tree", f"{self.revision}^{{commit}}")
        blobs = {}
        for record in listing.split(b"\0"):
            if not record:
                continue
            description, _, raw = record.partition(b"\t")
            mode, kind, blob, size = description.decode().split()
            path = raw.decode("utf-8", "surrogateescape")
            if kind == "blob" and mode != "120000" and path.startswith(prefix) and self._counts(path[len(prefix) :]):
                blobs[path[len(prefix) :]] = (blob, int(size))
        return blobs

    def _counts(self, path: str) -> bool:
        if path.startswith(self._nested) or not _may_matter(path):
            return False
        folders = path.split("/")[:-1]
        return not any(folder in SKIPPED_FOLDERS for folder in folders) and path not in self._exclude

    def paths(self) -> Iterator[str]:
        return iter(sorted(self._blobs))

    def read(self, path: str) -> bytes | Failure:
        found = self._blobs.get(path)
        if found is None:
            return Failure(path, FailureKind.UNREADABLE, f"is not in {self.revision}")
        blob, size = found
        return _too_large(path, size) if size > LIMIT else self._blob(blob)

    def _blob(self, blob: str) -> bytes:
        with self._lock:
            if self._process is None:
                command = ["git", "-C", str(self.root), "cat-file", "--batch"]
                self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            source, sink = self._process.stdout, self._process.stdin
            assert source is not None
            assert sink is not None
            sink.write(blob.encode() + b"\n")
            sink.flush()
            header = source.readline().split()
            if len(header) != 3:
                raise UsageError(f"git cat-file: {blob} of {self.revision} cannot be read")
            content = source.read(int(header[2]))
            source.read(1)
            return content

    def close(self) -> None:
        """End the reading process; reading again starts another."""
        with self._lock:
            if self._process is not None:
                self._process.communicate()
                self._process = None


def git(root: Path, *arguments: str) -> bytes:
    """What a git command prints. Raises UsageError with git's own words when it fails."""
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError("git is needed for this and was not found on PATH") from None
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise UsageError(f"git {arguments[0]}: {reason}")
    return done.stdout
