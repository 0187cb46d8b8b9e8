"""Where the cache of analysed files lies."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = ".pgconnlint_cache"


def cache_folder(root: Path) -> Path:
    """The cache of the project at ``root``; `PGCONNLINT_CACHE_DIR` moves all caches elsewhere."""
    elsewhere = os.environ.get("PGCONNLINT_CACHE_DIR")
    return Path(elsewhere) if elsewhere else root / FOLDER


def cache_for(root: Path) -> object | None:
    """The cache a project hands to the analysis, or None when there is none."""
    return None
