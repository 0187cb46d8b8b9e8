"""Files that nothing runs with: copies kept aside, samples to be copied."""

from __future__ import annotations

import re

_COPY = re.compile(r"\.(bak|backup|old|orig|save|rpmnew|rpmsave|rendered|dpkg-(old|dist|new))\d*$|~$", re.IGNORECASE)
_EXAMPLE = re.compile(r"[._-](sample|example|dist|template|tmpl|default|in)\b", re.IGNORECASE)


def is_copy(path: str) -> bool:
    """A copy somebody kept: nothing in it matters any more."""
    return _COPY.search(path) is not None


def is_example(path: str) -> bool:
    """A sample or template: its mistakes are copied with it, but it is no server or pooler of its own."""
    return _EXAMPLE.search(path.rsplit("/", 1)[-1]) is not None
