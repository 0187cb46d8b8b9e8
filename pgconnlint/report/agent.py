"""A compact report for programs that write code: one finding a block, with the exact replacement.

```
PGC101 error app.py:4:8-4:31 connection-never-released (high)
<message>
1. app.py:6: <step>
help: <what to write instead>
fix (safe): <title>
replace app.py lines 4-6:
<<<<<<<
<the lines as they are>
=======
<the lines as they shall be>
>>>>>>>
```

Blocks are separated by an empty line; the last one counts. Whatever could not be analysed is a block, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from pgconnlint.finding import Finding, Result
from pgconnlint.report.hunks import hunks
from pgconnlint.report.view import View, gravity, summary_line

STEPS = 8
"""Steps of one finding that are printed: a path is followed by its first ones."""


def render(result: Result, view: View) -> str:
    """All findings, then the failures, then one sentence on the whole."""
    blocks = ["\n".join(_block(finding, view)) for finding in result.findings]
    for failure in result.failures:
        line = f":{failure.line}" if failure.line else ""
        blocks.append(f"not analysed {view.here(failure.path)}{line} ({failure.kind})\n{failure.message}")
    return "\n\n".join([*blocks, summary_line(result)]) + "\n"


def _block(finding: Finding, view: View) -> Iterator[str]:
    at = finding.location
    place = f"{view.here(at.path)}:{at.start.line}:{at.start.column}-{at.end.line}:{at.end.column}"
    yield f"{finding.rule} {gravity(finding).word} {place} {finding.name} ({finding.confidence.word})"
    yield finding.message
    for number, step in enumerate(finding.steps[:STEPS], 1):
        where = f"{view.here(step.location.path)}:{step.location.start.line}: " if step.location else ""
        yield f"{number}. {where}{step.message}"
    if len(finding.steps) > STEPS:
        yield f"({len(finding.steps) - STEPS} more)"
    if finding.help:
        yield f"help: {finding.help}"
    if finding.fix is None:
        return
    found = hunks(finding.fix)
    if found:
        yield f"fix ({'safe' if finding.fix.safe else 'unsafe: check what it changes'}): {finding.fix.title}"
    elif finding.fix.edits:  # it would repeat a secret
        yield f"fix: {finding.fix.title} (run `pgconnlint fix {view.here(at.path)}`)"
    for hunk in found:
        numbers = f"line {hunk.first}" if hunk.first == hunk.last else f"lines {hunk.first}-{hunk.last}"
        yield f"replace {view.here(hunk.path)} {numbers}:"
        yield from ("<<<<<<<", *hunk.before, "=======")
        yield from hunk.after.split("\n") if hunk.after else ()
        yield ">>>>>>>"
