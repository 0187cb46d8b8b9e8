"""Secrets never leave: passwords in connection strings and assignments become `***`."""

from __future__ import annotations

import re

MASK = "***"
_URL = re.compile(r"(?P<head>[A-Za-z][\w+.-]*://[^\s:/@\"'`]*:)(?P<secret>[^\s@/\"'`]+)(?=@)")
_PAIR = re.compile(
    r"(?P<head>\b[\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|PGPASSWORD)[\w.-]*[\"']?\s*(?:=>|[:=])\s*)"
    r"(?P<quote>[\"'`]?)(?P<secret>[^\s\"'`,;)}&]+)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\$|\{\{|var\.|local\.|process\.env|os\.environ|getenv|env\(|config\.|settings\.|self\.|this\."
    r"|None$|null$|undefined$|true$|false$|str\b|string\b|data\.|module\.|random_"
)


def mask(text: str) -> str:
    """``text`` with every secret replaced; references to variables are no secrets."""
    text = _URL.sub(lambda found: found["head"] + (found["secret"] if _is_reference(found["secret"]) else MASK), text)
    return _PAIR.sub(_masked_pair, text)


def _is_reference(secret: str) -> bool:
    return secret == MASK or _REFERENCE.match(secret) is not None


def _masked_pair(found: re.Match[str]) -> str:
    plain_word = not found["quote"] and re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*[\[(]?", found["secret"]) is not None
    if _is_reference(found["secret"]) or plain_word and "=" in found["head"] and found["head"].rstrip()[-1] != ":":
        return found[0]
    return found["head"] + found["quote"] + MASK
