"""Numbers and template strings."""

from __future__ import annotations

from tree_sitter import Node

from pgconnlint.program import ir
from pgconnlint.program.javascript.names import unescape
from pgconnlint.program.javascript.state import Lowering


def number(text: str) -> int | float | None:
    """The value of a numeric literal (`0x1F`, `1_000`, `2e3`, `10n`), None when it is none."""
    text = text.replace("_", "").rstrip("n")
    if len(text) > 40:
        return None
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return int(text, 8) if text.isdigit() and "8" not in text and "9" not in text else None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def template(state: Lowering, node: Node) -> ir.Var:
    """`` `x${y}` ``: a string built of its parts; without substitutions an ordinary string."""
    at = state.span(node)
    dst = state.temporary()
    substitutions = [child for child in node.named_children if child.type == "template_substitution"]
    if not substitutions:
        state.emit(ir.Const(dst, "string", unescape(state.text(node)[1:-1]), at))
        return dst
    items: list[tuple[str, ir.Var]] = []
    for start, end, child in _pieces(node):
        if child is not None:
            items.extend(("", state.expression(state, inner)) for inner in child.named_children[:1])
        elif end > start:
            part = state.temporary()
            text = unescape(state.source[start:end].decode("utf-8", "replace"))
            char = state.document.byte_offsets.char
            state.emit(ir.Const(part, "template", text, (char(start), char(end))))
            items.append(("", part))
    state.emit(ir.Build(dst, "string", tuple(items), at))
    return dst


def _pieces(node: Node) -> list[tuple[int, int, Node | None]]:
    """Text ranges (bytes) and substitutions between the backticks, in order."""
    pieces: list[tuple[int, int, Node | None]] = []
    position = node.start_byte + 1
    for child in node.named_children:
        if child.type == "template_substitution":
            pieces.append((position, child.start_byte, None))
            pieces.append((child.start_byte, child.end_byte, child))
            position = child.end_byte
    pieces.append((position, node.end_byte - 1, None))
    return pieces


def tagged(state: Lowering, node: Node) -> tuple[ir.Var, ...]:
    """The arguments of a tag: the text with `${}` for each substitution, then the substituted values."""
    values: list[ir.Var] = []
    text: list[str] = []
    for start, end, child in _pieces(node):
        if child is None:
            text.append(unescape(state.source[start:end].decode("utf-8", "replace")))
        else:
            text.append("${}")
            values.extend(state.expression(state, inner) for inner in child.named_children[:1])
    first = state.temporary()
    state.emit(ir.Const(first, "template", "".join(text), state.span(node)))
    return (first, *values)
