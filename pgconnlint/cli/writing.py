"""Writing a corrected file: all of it or nothing."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from pgconnlint.fixing import Change


def write(root: Path, change: Change) -> str:
    """Replace a file at once: written beside, then renamed. Returns why it was not done, or "".

    Never outside of ``root``, never a file that changed since it was read; its permissions are kept.
    """
    path = root / change.path
    try:
        target = path.resolve(strict=True)
        if not target.is_relative_to(root.resolve()):
            return f"{change.path} leads out of the project"
        if target.read_bytes() != change.before:
            return f"{change.path} was changed by somebody else meanwhile"
        if not os.access(target, os.W_OK):
            return f"{change.path} is write-protected"
        _replace(target, change.after)
    except OSError as error:
        return f"{change.path} cannot be written: {error.strerror or error}"
    return ""


def _replace(target: Path, content: bytes) -> None:
    status = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(stat.S_IMODE(status.st_mode))
        if hasattr(os, "chown") and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(beside, status.st_uid, status.st_gid)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
