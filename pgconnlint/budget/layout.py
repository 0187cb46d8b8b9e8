"""How repositories are laid out: applications, layers, tests; names of folders, images and workloads compared."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from posixpath import join, normpath

from pgconnlint.infra.dockerfile import Image

_TEST_FOLDER = re.compile(
    r"(^|/)(tests?|__tests__|spec|e2e|fixtures|scripts?|seeds?|migrations?|alembic|examples?|benchmarks?|perf[-_]?tests?"
    r"|load[-_]?tests?|demos?|samples?|playground|docs?)/",
    re.IGNORECASE,
)
_TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*[._-](test|spec)\.\w+|conftest\.py|seed\.\w+)$")
_SUFFIXES = re.compile(r"[-_](service|svc|server|app|application|deployment|image|backend|api|dev|prod|production)$")
_LAYERS = frozenset({
    "src", "app", "lib", "server", "backend", "api", "db", "database", "config", "core", "common", "models", "utils",
    "internal", "web", "main", "dist", "build",
})  # fmt: skip
"""Folder names that are layers of one application, not applications."""

_HOLDERS = ("services", "apps", "packages", "projects", "microservices", "cmd")


def is_test(path: str) -> bool:
    """Tests, seeds, benchmarks, examples: what no deployment runs."""
    return _TEST_FOLDER.search(path) is not None or _TEST_FILE.search(path) is not None


def below(path: str, folder: str) -> bool:
    """``path`` is the folder or lies in it; "" and "." are the root."""
    folder = folder.strip("/")
    folder = "" if folder == "." else folder.removeprefix("./")
    return not folder or path == folder or path.startswith(folder + "/")


def copied(path: str, context: str, image: Image) -> bool:
    """The image takes the file from its build context; True where the Dockerfile does not say."""
    if not image.copies:
        return True
    return any(_covers(normpath(join(context, written.lstrip("/"))), path) for written in image.copies)


def _covers(written: str, path: str) -> bool:
    if any(mark in written for mark in "*?[") or "$" in written:
        pattern = re.sub(r"\$\{?\w+\}?", "*", written)
        return fnmatchcase(path, pattern) or fnmatchcase(path, pattern.rstrip("/") + "/*")
    return below(path, written)


def short(image: str) -> str:
    """An image's name without registry, owner, tag and digest."""
    return re.sub(r"[@:].*$", "", image.rsplit("/", 1)[-1])


def plain(name: str) -> str:
    """A name without case and separators."""
    return re.sub(r"[-_.\s]", "", name.lower())


@lru_cache(maxsize=4096)
def folder_names(name: str) -> tuple[str, ...]:
    """The forms under which a folder, image or workload is compared: as it is, and without `-service`, `-api` ..."""
    return tuple(dict.fromkeys((plain(name), plain(_SUFFIXES.sub("", name)))))


def application(path: str) -> str:
    """The application a file belongs to: two folders below services/apps/packages, else a folder that is no layer."""
    parts = path.split("/")[:-1]
    if len(parts) >= 2 and parts[0] in _HOLDERS:
        return "/".join(parts[:2])
    return parts[0] if parts and parts[0] not in _LAYERS else ""
