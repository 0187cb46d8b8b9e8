"""Templates the built-in renderer gave up on, as the `helm` program renders them.

Whatever the built-in renderer can do it does: its places are exact, and the outcome is the same with helm and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.infra.helm.chart import Chart
from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.documents import to_yaml
from pgconnlint.infra.helm.traced import Mark, Traced
from pgconnlint.syntax.files import Files

_SOURCE = re.compile(r"^# Source: [^/\n]+/(.+?)[ \t]*$", re.MULTILINE)
_DOCUMENT = re.compile(r"^---[ \t]*$", re.MULTILINE)


def rendered_outside(
    files: Files, chart: Chart, name: str, namespace: str, values: Table, wanted: list[str]
) -> dict[str, Traced]:
    """The output of the templates ``wanted``, by path; every place is the template's first line.

    Raises whatever the program's runner raises; nothing where there is none.
    """
    if files.helm is None:
        return {}
    own = [path for path in files.paths if path.startswith(chart.prefix)]
    held = {path.removeprefix(chart.prefix): content for path in own if (content := files.data(path)) is not None}
    printed = files.helm(held, name, namespace, to_yaml(values).text)
    found: dict[str, Traced] = {}
    texts = dict(_by_source(printed))
    for path in wanted:
        text = texts.get(path.removeprefix(chart.prefix))
        document = files.document(path)
        if text is not None and document is not None:
            end = document.text.find("\n")
            found[path] = Traced(text, (Mark(0, path, 0, end if end >= 0 else len(document.text)),))
    return found


def _by_source(printed: str) -> Iterator[tuple[str, str]]:
    """Each template's documents, put together again."""
    texts: dict[str, list[str]] = {}
    for part in _DOCUMENT.split(printed):
        source = _SOURCE.search(part)
        if source is not None:
            texts.setdefault(source[1], []).append(part)
    yield from ((path, "---".join(["", *parts])) for path, parts in texts.items())
