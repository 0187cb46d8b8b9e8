"""Where a missing import of the standard library belongs in a Python file."""

from __future__ import annotations

import re
import sys

from tree_sitter import Node

from pgconnlint.fix.trees import span_of, text_of
from pgconnlint.syntax.document import Document
from pgconnlint.text import Edit, Span

_IMPORTS = ("import_statement", "import_from_statement")


def closing(root: Node, document: Document) -> tuple[str, tuple[Edit, ...]]:
    """How `contextlib.closing` is called here, and the import that is still missing."""
    if re.search(r"^from contextlib import [^\n#]*\bclosing\b(?! as)", document.text, re.MULTILINE):
        return "closing", ()
    return "contextlib.closing", imported(root, "contextlib", document)


def imported(root: Node, module: str, document: Document) -> tuple[Edit, ...]:
    """The edit that brings `import module` to a file without it, sorted among its imports."""
    if re.search(rf"^import {re.escape(module)}[ \t]*(?:#.*)?\r?$", document.text, re.MULTILINE):
        return ()
    run = _first_run(root)
    if not run:
        return (_under_the_head(root, module, document),)
    follower = next((one for one in run if _sorts_after(one, module, document)), None)
    if follower is None:
        place = span_of(run[-1], document).end
        return (Edit(document.path, Span(place, place), f"\nimport {module}"),)
    gap = "" if follower != run[0] or _standard(follower, document) else "\n"
    place = span_of(follower, document).start
    return (Edit(document.path, Span(place, place), f"import {module}\n{gap}"),)


def _first_run(root: Node) -> list[Node]:
    """The first imports that stand directly below one another, each on a line of its own."""
    run: list[Node] = []
    for node in root.named_children:
        if node.type in _IMPORTS and node.start_point[1] == 0:
            if run and node.start_point[0] != run[-1].end_point[0] + 1:
                break
            run.append(node)
        elif run or node.type in ("function_definition", "class_definition", "decorated_definition"):
            break  # what is imported further down has its reasons
    return run


def _sorts_after(node: Node, module: str, document: Document) -> bool:
    """`from` imports come behind plain ones; so do modules of others."""
    return node.type == "import_from_statement" or _module(node, document) > module or not _standard(node, document)


def _module(node: Node, document: Document) -> str:
    return text_of(node, document).split()[1].rstrip(",")


def _standard(node: Node, document: Document) -> bool:
    return _module(node, document).split(".")[0] in sys.stdlib_module_names


def _under_the_head(root: Node, module: str, document: Document) -> Edit:
    """Below the comments, the docstring and the `__future__` imports that a file begins with."""
    above: Node | None = None
    for node in root.named_children:
        docstring = node.type == "expression_statement" and bool(node.children) and node.children[0].type == "string"
        if node.type not in ("comment", "future_import_statement") and not (docstring and node.end_point[1] > 2):
            break
        above = node
    if above is None:
        return Edit(document.path, Span(0, 0), f"import {module}\n\n")
    place = span_of(above, document).end
    return Edit(document.path, Span(place, place), f"\n\nimport {module}")
