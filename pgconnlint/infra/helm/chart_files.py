"""`.Files`: the chart's other files, as templates reach them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

from pgconnlint.infra.helm.chart import Chart
from pgconnlint.infra.helm.data import Array, Datum, EvaluationError, Method, Opaque, Table, strval
from pgconnlint.infra.helm.documents import to_yaml
from pgconnlint.infra.helm.traced import Traced, lines, of_file
from pgconnlint.syntax.files import Files


def files_object(files: Files, chart: Chart) -> Table:
    """`.Files.Get`, `.Files.Glob`, `.Files.Lines` and what they lead to."""

    def get(arguments: tuple[Datum, ...]) -> Datum:
        name = _argument(arguments)
        path = chart.prefix + name.removeprefix("./")
        if path not in chart.paths:
            return Opaque(f"the file `{name[:80]}` of the chart is not read")
        document = files.document(path)
        return Opaque(f"the file `{name[:80]}` cannot be read") if document is None else of_file(path, document.text)

    def glob(arguments: tuple[Datum, ...]) -> Datum:
        wanted = _matcher(_argument(arguments))
        names = [path.removeprefix(chart.prefix) for path in chart.paths]
        held = {name: get((Traced(name),)) for name in names if not name.startswith("templates/") and wanted(name)}
        if not held:
            return Opaque("none of these files of the chart is read")
        return _held(held)

    def rows(arguments: tuple[Datum, ...]) -> Datum:
        text = get(arguments)
        if not isinstance(text, Traced):
            return text
        return Array(tuple(row.cut(0, len(row.text.rstrip("\r\n"))) for row in lines(text)))

    return Table(
        methods={
            "Get": Method("Get", get),
            "GetBytes": Method("GetBytes", get),
            "Glob": Method("Glob", glob),
            "Lines": Method("Lines", rows),
        }
    )


def _held(held: dict[str, Datum]) -> Table:
    def config(arguments: tuple[Datum, ...]) -> Datum:
        return to_yaml(Table({name.rpartition("/")[2]: text for name, text in held.items()}))

    def secrets(arguments: tuple[Datum, ...]) -> Datum:
        coded = {name.rpartition("/")[2]: _coded(text) for name, text in held.items()}
        return to_yaml(Table(coded))

    def get(arguments: tuple[Datum, ...]) -> Datum:
        return held.get(_argument(arguments), Traced(""))

    methods: dict[str, Datum] = {
        "AsConfig": Method("AsConfig", config),
        "AsSecrets": Method("AsSecrets", secrets),
        "Get": Method("Get", get),
    }
    return Table(dict(held), methods=methods)


def _coded(text: Datum) -> Datum:
    if not isinstance(text, Traced):
        return text
    return text.same(base64.b64encode(text.text.encode("utf-8", "replace")).decode())


def _argument(arguments: tuple[Datum, ...]) -> str:
    if len(arguments) != 1:
        raise EvaluationError("a file name is wanted")
    if isinstance(arguments[0], Opaque):
        raise EvaluationError(arguments[0].reason)
    return strval(arguments[0]).text


def _matcher(written: str) -> Callable[[str], bool]:
    """gobwas/glob as Helm uses it: `*` stays within a folder, `**` does not, `{a,b}` are choices."""
    parts: list[str] = []
    depth = 0
    for piece in re.findall(r"\*\*|.", written[:300], re.DOTALL):
        match piece:
            case "**":
                parts.append(".*")
            case "*":
                parts.append("[^/]*")
            case "?":
                parts.append("[^/]")
            case "{":
                depth += 1
                parts.append("(?:")
            case "}" if depth:
                depth -= 1
                parts.append(")")
            case "," if depth:
                parts.append("|")
            case _:
                parts.append(re.escape(piece))
    found = re.compile("".join(parts) + ")" * depth + r"\Z")
    return lambda name: found.match(name) is not None
