"""Where the cache of analysed files lies, and its entries: one file per content, written once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from pgconnlint import __version__


class Cache:
    """Bytes by key in a folder. Whatever goes wrong with the folder, the analysis goes on without it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamp = f"{__version__} {_newest()}".encode()

    def key(self, *parts: bytes) -> str:
        """A name for what this very version of the program makes of ``parts``."""
        return hashlib.sha256(b"\0".join((self._stamp, *(hashlib.sha256(one).digest() for one in parts)))).hexdigest()

    def get(self, key: str) -> bytes | None:
        try:
            return (self._folder / key[:2] / key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep an entry; another process may write the same one at the same time."""
        folder = self._folder / key[:2]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, folder / key)
        except OSError:
            return


def _newest() -> int:
    """When the program's own files changed last: a working copy has one version number for many states."""
    package = Path(__file__).parent.parent
    parts = (
        package / "program",
        package / "program" / "python",
        package / "program" / "javascript",
        package / "syntax",
    )
    return max((one.stat().st_mtime_ns for part in parts for one in part.glob("*.py")), default=0)


def cache_folder(root: Path) -> Path:
    """The cache of the project at ``root``, in the user's cache folder; `PGCONNLINT_CACHE_DIR` moves all elsewhere."""
    elsewhere = os.environ.get("PGCONNLINT_CACHE_DIR")
    if elsewhere:
        return Path(elsewhere)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "pgconnlint" / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def cache_for(root: Path) -> Cache:
    """The cache a project hands to the analysis."""
    return Cache(cache_folder(root))
