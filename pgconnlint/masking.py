"""Secrets never leave: passwords in connection strings and assignments become `***`."""

from __future__ import annotations

import re
from collections.abc import Iterator

MASK = "***"
_URL = re.compile(r"\b[A-Za-z][\w+.-]{0,32}://[^\s:/@\"'`]*:(?P<secret>(?!\d{1,5}/)[^\s\"'`]+)(?=@)")
_PAIR = re.compile(
    r"\b(?P<name>[\w.-]{0,64}?(?:password|passwd|pwd|secret|token|api[_-]?key)[\w.-]{0,64})[\"']?\s*(?P<sign>=>|:|=(?!=))\s*"
    r"(?P<quote>[\"'`])?(?P<secret>(?(quote)[^\"'`\n]+|[^\s\"'`,;)}&]+))",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\$|[{(\[]|<|%\(|var\.|local\.|process\.env|os\.environ|getenv|env\(|config\.|settings\.|self\.|this\."
    r"|None$|null$|undefined$|true$|false$|str\b|string\b|data\.|module\.|random_|await\b"
)
_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*[\[(]?")
_SPEAKS_OF_SECRETS = re.compile(r"pass|pwd|secret|token|key|conf|setting|arg|option|env", re.IGNORECASE)


def mask(text: str) -> str:
    """``text`` with every secret replaced; references to variables are no secrets."""
    return _replaced(text, keep_length=False)


def mask_keeping_length(text: str) -> str:
    """Like `mask`, but every character of a secret becomes ``*``: columns stay what they were."""
    return _replaced(text, keep_length=True)


def _replaced(text: str, *, keep_length: bool) -> str:
    parts = []
    done = 0
    for start, end in sorted(_secrets(text)):
        if start >= done:
            parts += [text[done:start], "*" * (end - start) if keep_length else MASK]
            done = end
    return "".join([*parts, text[done:]])


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    for found in _URL.finditer(text):
        if not _REFERENCE.match(found["secret"]):
            yield found.span("secret")
    for found in _PAIR.finditer(text):
        if not _harmless(found, text):
            yield found.span("secret")


def _harmless(found: re.Match[str], text: str) -> bool:
    """Whether what follows a telling name is a reference or a number of something, not the secret itself."""
    secret = found["secret"]
    if _REFERENCE.match(secret):
        return True
    if secret.isdigit() and not re.search(r"pass|pwd", found["name"], re.IGNORECASE):
        return True
    if found["quote"] or found["sign"] == ":" or not _NAME.fullmatch(secret):
        return False
    if text.count('"', 0, found.start()) % 2 or text.count("'", 0, found.start()) % 2:
        return False  # inside a string: `"host=db password=hunter2"`
    if found["name"].isupper() and found["sign"] == "=" and text[found.start("secret") - 1] == "=":
        return False  # an environment file
    after = text[found.end("secret") : found.end("secret") + 1]
    return secret[-1] in "([" or after in tuple(",);([") or _SPEAKS_OF_SECRETS.search(secret) is not None
