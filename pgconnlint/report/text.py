"""For people at a terminal: the finding, its source lines with the place underlined, its story, what to do."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from pgconnlint.finding import Failure, Finding, Result, Step, StepKind
from pgconnlint.report.view import View, counted, gravity, summary_line
from pgconnlint.text import Location

_COLORS = {"error": "31;1", "warning": "33;1", "note": "36;1", "bold": "1", "dim": "2", "help": "32"}
_TAB = 4


def render(result: Result, view: View) -> str:
    """The whole report, ending in a newline."""
    blocks = ["\n".join(_finding(finding, view)) for finding in result.findings]
    failures = [_failure(failure, view) for failure in result.failures]
    if failures:
        blocks.append("\n".join(failures))
    if view.statistics:
        blocks.append("\n".join(statistics(result)))
    if not view.quiet:
        blocks.append(_painted(summary_line(result), "bold", view))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def concise(result: Result, view: View) -> str:
    """One line for each finding and failure, in the form editors and `grep` users know."""
    lines = [_headline(finding, view) for finding in result.findings]
    lines += [_failure(failure, view) for failure in result.failures]
    if view.statistics:
        lines += statistics(result)
    if not view.quiet:
        lines.append(summary_line(result))
    return "".join(f"{line}\n" for line in lines)


def statistics(result: Result) -> list[str]:
    """How often each rule was broken, most frequent first."""
    counts = Counter((finding.rule, finding.name) for finding in result.findings)
    width = len(str(max(counts.values(), default=0)))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [f"{number:>{width}}  {rule}  {name}" for (rule, name), number in ordered]


def _headline(finding: Finding, view: View) -> str:
    at = finding.location
    severity = gravity(finding).word
    where = _painted(f"{view.here(at.path)}:{at.start.line}:{at.start.column}", "bold", view)
    kind = _painted(f"{severity}[{finding.rule}]", severity, view)
    name = _painted(f"({finding.name})", "dim", view)
    return f"{where}: {kind} {_one_line(finding.message)} {name}"


def _finding(finding: Finding, view: View) -> Iterator[str]:
    yield _headline(finding, view)
    margin = len(str(finding.location.start.line + max(0, len(finding.excerpt) - 1)))
    yield from _excerpt(finding, margin, view)
    for number, step in enumerate(finding.steps, 1):
        yield _step(number, step, finding.location, margin, view)
    if finding.help:
        label = _painted("help:", "help", view)
        first, *rest = finding.help.splitlines() or [""]
        yield f"{' ' * margin} = {label} {first}"
        yield from (f"{' ' * margin}         {line}" for line in rest)
    if finding.fix is not None and finding.fix.edits and not finding.fix.manual:
        option = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
        yield f"{' ' * margin} = {_painted('fix:', 'help', view)} {finding.fix.title} (with {option})"
    if view.verbose:
        yield f"{' ' * margin} = confidence: {finding.confidence.word}; docs: {finding.docs}"


def _excerpt(finding: Finding, margin: int, view: View) -> Iterator[str]:
    """The source lines, and below each the part of it that is meant."""
    if not any(line.strip() for line in finding.excerpt):
        return
    at, bar = finding.location, _painted("|", "dim", view)
    color = gravity(finding).word
    yield f"{' ' * margin} {bar}"
    for index, line in enumerate(finding.excerpt):
        number = at.start.line + index
        first = at.start.column - 1 if number == at.start.line else len(line) - len(line.lstrip())
        last = at.end.column - 1 if number == at.end.line else len(line.rstrip())
        if number == at.end.line and last <= first and number != at.start.line:
            break
        shown, start, length = _windowed(line, first, max(last, first + 1), view.width - margin - 4)
        yield f"{_painted(f'{number:>{margin}}', 'dim', view)} {bar} {shown}".rstrip()
        if length:
            yield f"{' ' * margin} {bar} {' ' * start}{_painted('^' * length, color, view)}"
    hidden = at.end.line - (at.start.line + len(finding.excerpt) - 1)
    if hidden > 0 and at.end.column > 1:
        yield f"{' ' * margin} {bar} {_painted('... ' + counted(hidden, 'more line'), 'dim', view)}"


def _windowed(line: str, first: int, last: int, width: int) -> tuple[str, int, int]:
    """The line cut to ``width`` columns around characters ``[first, last)``: text, start and length in columns."""
    width = max(width, 40)
    first, last = min(first, len(line)), min(last, max(len(line), first + 1))
    lead = ""
    if columns(line) > width and columns(line[:last]) > width:
        cut = max(0, first - width // 3)
        line, first, last, lead = line[cut:], first - cut, last - cut, "..."
    start = len(lead) + columns(line[:first])
    length = columns(line[first:last], start - len(lead)) or 1
    text = lead + _flat(line)
    if columns(text) > width:
        text = _clipped(text, width - 3) + "..."
        length = max(1, min(length, width - 3 - start))
    return text, start, length


def _clipped(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += _char_columns(char)
        if used > width:
            return text[:index]
    return text


def columns(text: str, offset: int = 0) -> int:
    """Columns a terminal needs for ``text`` that starts at column ``offset``: tabs, wide and combining characters."""
    used = offset
    for char in text:
        used += _TAB - used % _TAB if char == "\t" else _char_columns(char)
    return used - offset


def _char_columns(char: str) -> int:
    if " " <= char <= "~":
        return 1
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _flat(line: str) -> str:
    """Tabs as blanks, control characters made visible: source must not steer the terminal."""
    parts: list[str] = []
    used = 0
    for char in line:
        if char == "\t":
            blanks = _TAB - used % _TAB
            parts.append(" " * blanks)
            used += blanks
        else:
            parts.append(char if char.isprintable() or _char_columns(char) == 0 else "\N{REPLACEMENT CHARACTER}")
            used += _char_columns(char)
    return "".join(parts)


def _one_line(text: str) -> str:
    return _flat(" ".join(text.split()))


def _step(number: int, step: Step, finding_at: Location, margin: int, view: View) -> str:
    where = ""
    if step.location is not None:
        at = step.location
        where = f"{view.here(at.path)}:{at.start.line}:{at.start.column}"
        if at.path == finding_at.path:
            where = f"line {at.start.line}"
        where = _painted(where, "dim", view) + "  "
    amount = ""
    if step.kind is StepKind.FACTOR and step.value is not None and str(step.value) not in step.message:
        amount = f" = {step.value:g} {step.unit or ''}".rstrip()
    return f"{' ' * margin} {_painted(f'{number}.', 'dim', view)} {where}{_one_line(step.message)}{amount}"


def _failure(failure: Failure, view: View) -> str:
    line = f":{failure.line}" if failure.line else ""
    where = view.here(failure.path)
    return f"{where}{line}: {_painted(f'not analysed ({failure.kind})', 'warning', view)}: {_one_line(failure.message)}"


def _painted(text: str, style: str, view: View) -> str:
    return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if view.color else text
