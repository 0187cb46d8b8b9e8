"""Keep one comment on a pull request: `comment.py FILE`.

The comment is known by a marker in its first line, so that a new push rewrites it instead of adding another.
From the environment: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

MARKER = "<!-- pgconnlint budget -->"
LIMIT = 65_000
"""GitHub refuses comments beyond 65,536 characters."""
PAGES = 30


def main(file: str) -> int:
    """0 written; 1 not written, with the reason on standard error as a warning of the run."""
    body = f"{MARKER}\n{Path(file).read_text('utf-8')}"
    if len(body) > LIMIT:
        body = body[:LIMIT] + "\n\n(cut: the whole report is in the summary of the run)"
    repository = f"/repos/{os.environ['GITHUB_REPOSITORY']}"
    comments = f"{repository}/issues/{int(os.environ['PULL_REQUEST'])}/comments"
    try:
        known = _known(comments)
        if known is None:
            _ask("POST", comments, {"body": body})
        else:
            _ask("PATCH", f"{repository}/issues/comments/{known}", {"body": body})
    except urllib.error.URLError as error:
        reason = f"{error}: the job needs the permission `pull-requests: write`, which runs of forks do not have"
        print(f"::warning title=pgconnlint::the budget comment was not written: {reason}", file=sys.stderr)
        return 1
    return 0


def _known(comments: str) -> int | None:
    for page in range(1, PAGES + 1):
        found = _ask("GET", f"{comments}?per_page=100&page={page}")
        for comment in found:
            if str(comment.get("body", "")).startswith(MARKER):
                return int(comment["id"])
        if len(found) < 100:
            return None
    return None


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        os.environ.get("GITHUB_API_URL", "https://api.github.com") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(sys.argv[1])  # a comment that cannot be written does not fail the job
