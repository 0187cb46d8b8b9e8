"""Runs templates: a tree and its data become text that remembers where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from pgconnlint.infra.helm.data import (
    NIL,
    Array,
    Datum,
    EvaluationError,
    Method,
    Opaque,
    Scalar,
    Table,
    kind,
    printed,
    truth,
    weigh,
)
from pgconnlint.infra.helm.functions import PRINTING, call
from pgconnlint.infra.helm.output import LimitError, bounded, filled, pairs_of, stripped, template_name
from pgconnlint.infra.helm.traced import ABSENT, PLACEHOLDER, Mark, Traced, join, placed
from pgconnlint.syntax.gotemplate import (
    Access,
    Action,
    Branch,
    Call,
    Command,
    Function,
    Jump,
    Literal,
    Node,
    Operand,
    Pipeline,
    Template,
    Text,
    parse,
)
from pgconnlint.syntax.gotokens import TemplateError

STEPS = 600_000
"""Steps that are spent on one release, and on one of its files."""

FILE_STEPS = 100_000
DEPTH = 140
CHARACTERS = 20
"""Characters a function returns that count as one step."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Nodes and the text they were parsed from."""

    nodes: tuple[Node, ...]
    source: Traced


@dataclass(slots=True, eq=False)
class Engine:
    """The named templates of a chart and its subcharts, and what may still be spent.

    ``reasons`` tells, per place of a template, why it printed a placeholder; ``encoded`` what was encoded to a text.
    """

    named: dict[str, Body] = field(default_factory=dict)
    steps: int = STEPS
    reasons: dict[tuple[str, int], str] = field(default_factory=dict)
    encoded: dict[str, Traced] = field(default_factory=dict)
    parsed: dict[str, Body | TemplateError] = field(default_factory=dict)
    depth: int = 0

    def define(self, source: Traced, template: Template | None = None) -> Body:
        """Parse a template, unless it is parsed already, and take its named templates in. Raises TemplateError."""
        template = template or parse(source.text)
        for name, nodes in template.defines.items():
            if nodes or name not in self.named:
                self.named[name] = Body(nodes, source)
        return Body(template.nodes, source)

    def run(self, body: Body, data: Datum) -> Traced:
        """The text of a template. Raises LimitError."""
        frame = _Frame(self, body.source, data, [["$", data]])
        out: list[Traced] = []
        frame.walk(body.nodes, out)
        return join(out)


class _Frame:
    """One template being run: its dot and its variables."""

    __slots__ = ("dot", "engine", "source", "variables")

    def __init__(self, engine: Engine, source: Traced, dot: Datum, variables: list[list[object]]) -> None:
        self.engine = engine
        self.source = source
        self.dot = dot
        self.variables = variables

    def walk(self, nodes: tuple[Node, ...], out: list[Traced]) -> str | None:
        """Run nodes in order; the kind of jump that left them, if one did."""
        engine = self.engine
        engine.depth += 1
        try:
            if engine.depth > DEPTH:
                raise LimitError("templates include each other too deeply")
            for node in nodes:
                engine.steps -= 1
                if engine.steps < 0:
                    raise LimitError("takes too many steps to render")
                match node:
                    case Text(start, end):
                        out.append(self.source.cut(start, end))
                    case Action(pipeline):
                        self._act(pipeline, out)
                    case Branch():
                        jump = self._branch(node, out)
                        if jump is not None:
                            return jump
                    case Jump(kind=jumped):
                        return jumped
                    case Call():
                        self._template(node, out)
        finally:
            engine.depth -= 1
        return None

    def _place(self, start: int, end: int) -> Mark:
        return self.source.whole(start, end)

    def _unknown(self, start: int, end: int, reason: str) -> Traced:
        mark = self._place(start, end)
        self.engine.reasons.setdefault((mark.path, mark.start), reason)
        return placed(PLACEHOLDER, mark)

    def _unknown_line(self, node: Branch, reason: str, out: list[Traced]) -> None:
        """A block that may or may not be there: a line of its own, indented as the block is."""
        first = node.body[0] if node.body else None
        shape = self.source.text[first.start : first.end] if isinstance(first, Text) else ""
        unknown = self._unknown(node.pipeline.start, node.pipeline.end, reason)
        feed = shape.find("\n")
        if feed >= 0 and not shape[:feed].strip():
            rest = shape[feed + 1 :].split("\n")
            line = next((one for one in rest if one.strip()), "")
            pad = line[: len(line) - len(line.lstrip(" "))]
            out.append(placed("\n" + pad, unknown.mark_at(0)))
        out.append(unknown)

    def _act(self, pipeline: Pipeline, out: list[Traced]) -> None:
        value = self._evaluate(pipeline)
        if pipeline.variables:
            return
        if isinstance(value, Opaque):
            out.append(self._unknown(pipeline.start, pipeline.end, value.reason))
            return
        try:
            if isinstance(value, Table | Array):
                weigh(value)
        except EvaluationError as error:
            out.append(self._unknown(pipeline.start, pipeline.end, str(error)))
            return
        shown = printed(value)
        if shown.text == ABSENT:
            out.append(placed(ABSENT, self._place(pipeline.start, pipeline.end)))
        elif shown.text:
            out.append(filled(shown, self._place(pipeline.start, pipeline.end)))

    def _evaluate(self, pipeline: Pipeline) -> Datum:
        """The pipeline's value; what Helm would stop at becomes unknown. Sets its variables."""
        try:
            value = self._pipeline(pipeline)
        except EvaluationError as failure:
            value = Opaque(str(failure), self._place(pipeline.start, pipeline.end))
        if pipeline.variables:
            self._assign(pipeline.variables[-1], value, pipeline.declares)
        return value

    def _assign(self, name: str, value: Datum, declares: bool) -> None:
        if not declares:
            for entry in reversed(self.variables):
                if entry[0] == name:
                    entry[1] = value
                    return
        self.variables.append([name, value])

    def _branch(self, node: Branch, out: list[Traced]) -> str | None:
        kept = len(self.variables)
        try:
            if node.kind == "range":
                return self._range(node, out)
            value = self._evaluate(node.pipeline)
            verdict = truth(value)
            if verdict is None:
                reason = value.reason if isinstance(value, Opaque) else "a condition cannot be told"
                self._unknown_line(node, reason, out)
                return None
            if not verdict:
                return self.walk(node.otherwise, out)
            if node.kind == "if":
                return self.walk(node.body, out)
            before, self.dot = self.dot, value
            try:
                return self.walk(node.body, out)
            finally:
                self.dot = before
        finally:
            del self.variables[kept:]

    def _range(self, node: Branch, out: list[Traced]) -> str | None:
        pipeline = node.pipeline
        try:
            value = self._pipeline(pipeline)
            pairs = pairs_of(value)
        except EvaluationError as failure:
            value, pairs = Opaque(str(failure)), []
        if isinstance(value, Opaque):
            self._unknown_line(node, value.reason, out)
            return None
        if not pairs:
            return self.walk(node.otherwise, out)
        before = self.dot
        try:
            for key, element in pairs:
                self.dot = element
                kept = len(self.variables)
                if pipeline.variables:
                    self._assign(pipeline.variables[-1], element, pipeline.declares)
                if len(pipeline.variables) > 1:
                    self._assign(pipeline.variables[0], key, pipeline.declares)
                jump = self.walk(node.body, out)
                del self.variables[kept:]
                if jump == "break":
                    break
        finally:
            self.dot = before
        return None

    def _template(self, node: Call, out: list[Traced]) -> None:
        try:
            data = self._pipeline(node.pipeline) if node.pipeline else NIL
            out.append(filled(self._named(node.name, data), self._place(node.start, node.end)))
        except EvaluationError as failure:
            out.append(self._unknown(node.start, node.end, str(failure)))

    def _named(self, name: str, data: Datum) -> Traced:
        body = self.engine.named.get(name)
        if body is None:
            raise EvaluationError(f"the template `{name}` is not in this repository")
        return bounded(self.engine.run(body, data))

    def _pipeline(self, pipeline: Pipeline) -> Datum:
        value: Datum | None = None
        for command in pipeline.commands:
            value = self._command(command, value)
        return NIL if value is None else value

    def _command(self, command: Command, last: Datum | None) -> Datum:
        engine = self.engine
        engine.steps -= 1
        if engine.steps < 0:
            raise LimitError("takes too many steps to render")
        engine.depth += 1
        try:
            if engine.depth > DEPTH:
                raise LimitError("templates include each other too deeply")
            first = command.operands[0]
            rest = command.operands[1:]
            if isinstance(first, Function):
                return self._function(first, rest, last)
            if isinstance(first, Access):
                arguments = tuple(self._operand(operand) for operand in rest)
                return self._access(first, arguments if last is None else (*arguments, last))
            if rest or last is not None:
                raise EvaluationError("arguments are given to something that takes none")
            return self._operand(first)
        except EvaluationError as error:
            return Opaque(str(error), self._place(command.start, command.end))
        finally:
            engine.depth -= 1

    def _operand(self, operand: Operand) -> Datum:
        match operand:
            case Literal(value=str(text), start=start, end=end):
                if end - start - 2 == len(text):
                    return Traced(text, self.source.cut(start + 1, end - 1).marks)
                return placed(text, self._place(start, end))
            case Literal(value=None):
                return NIL
            case Literal(value=bool() | int() | float() as value, start=start, end=end):
                return Scalar(value, self._place(start, end))
            case Access():
                return self._access(operand, ())
            case Function():
                return self._function(operand, (), None)
        return NIL

    def _access(self, access: Access, arguments: tuple[Datum, ...]) -> Datum:
        match access.base:
            case None:
                value = self.dot
            case str(name):
                value = self._variable(name)
            case inner:
                value = self._pipeline(inner)
        last = len(access.fields) - 1
        for index, name in enumerate(access.fields):
            value = self._field(value, name, access)
            if isinstance(value, Method):
                value = value.call(arguments if index == last else ())
                arguments = () if index == last else arguments
        if isinstance(value, Method):
            return value.call(arguments)
        if arguments and not isinstance(value, Opaque):
            raise EvaluationError("arguments are given to something that takes none")
        return value

    def _variable(self, name: str) -> Datum:
        for entry in reversed(self.variables):
            if entry[0] == name:
                return entry[1]  # type: ignore[return-value] # the second of a pair is always a Datum
        raise EvaluationError(f"the variable `{name}` is not declared")

    def _field(self, value: Datum, name: str, access: Access) -> Datum:
        match value:
            case Table(items=items, methods=methods):
                return items[name] if name in items else methods.get(name, NIL)
            case Opaque():
                return value
            case Scalar(value=None):
                written = self.source.text[access.start : access.end][:80]
                raise EvaluationError(f"`{written}` is not set in the values that are here")
        raise EvaluationError(f"`.{name}` of a {kind(value)}")

    def _function(self, function: Function, operands: tuple[Operand, ...], last: Datum | None) -> Datum:
        if function.name in ("and", "or"):
            return self._logic(function.name == "and", operands, last)
        arguments = tuple(self._operand(operand) for operand in operands)
        if last is not None:
            arguments = (*arguments, last)
        match function.name:
            case "include":
                name = template_name(arguments)
                return stripped(self._named(name, arguments[1] if len(arguments) > 1 else NIL))
            case "tpl":
                return self._tpl(arguments)
            case "call" if arguments and isinstance(arguments[0], Method):
                return arguments[0].call(arguments[1:])
        if function.name in PRINTING and any(isinstance(value, Opaque) for value in arguments):
            arguments = tuple(
                self._unknown(function.start, function.end, value.reason) if isinstance(value, Opaque) else value
                for value in arguments
            )
        result = call(function.name, arguments)
        if isinstance(result, Traced):
            if function.name == "b64enc" and isinstance(arguments[0], Traced):
                self.engine.encoded[result.text] = arguments[0]
            self.engine.steps -= len(result.text) // CHARACTERS
        return result

    def _logic(self, conjunction: bool, operands: tuple[Operand, ...], last: Datum | None) -> Datum:
        """`and` and `or` stop at the operand that decides; a piped value is the last."""
        if not operands and last is None:
            raise EvaluationError("`and` and `or` want an argument")
        value: Datum = NIL
        for operand in operands:
            value = self._operand(operand)
            verdict = truth(value)
            if verdict is None:
                return value if isinstance(value, Opaque) else Opaque("a condition cannot be told")
            if verdict != conjunction:
                return value
        return value if last is None else last

    def _tpl(self, arguments: tuple[Datum, ...]) -> Datum:
        if len(arguments) != 2:
            raise EvaluationError("`tpl` wants a text and its data")
        source, data = arguments
        if isinstance(source, Opaque):
            return source
        if not isinstance(source, Traced):
            raise EvaluationError(f"`tpl` wants a text, not {kind(source)}")
        if "{{" not in source.text:
            return source
        body = self.engine.parsed.get(source.text)
        if body is None:
            try:
                body = self.engine.define(source)
            except TemplateError as error:
                body = error
            self.engine.parsed[source.text] = body
        if isinstance(body, TemplateError):
            raise EvaluationError(f"a template in the values cannot be read: {body.message}")
        return stripped(bounded(self.engine.run(Body(body.nodes, source), data)))
