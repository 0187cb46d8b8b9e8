"""Whether a corrected text is still what its language reads, as far as the old one was."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from pgconnlint.syntax.document import Document

_SOURCE = ("python", "javascript", "typescript", "tsx")


def parses(document: Document, text: str) -> bool:
    """``text`` in place of the document's own has no more errors than that had."""
    after = replace(document, text=text)
    match document.language:
        case "python":
            return _errors(after) <= _errors(document) and _libcst(document, after)
        case language if language in _SOURCE:
            return _errors(after) <= _errors(document)
        case "hcl":
            return _hcl(document, after)
        case "yaml":
            return _yaml(after.text) or not _yaml(document.text)
    return True


def _errors(document: Document) -> int:
    """Error nodes of the tree, outermost ones."""
    from pgconnlint.fix.trees import parsed

    count, pending = 0, [parsed(document)]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            count += 1
        elif node.has_error:
            pending.extend(node.children)
    return count


def _libcst(before: Document, after: Document) -> bool:
    """The lossless parser agrees, and writes back what it read."""
    import libcst

    try:
        return libcst.parse_module(after.text).code == after.text
    except (libcst.ParserSyntaxError, RecursionError):
        try:
            libcst.parse_module(before.text)
        except (libcst.ParserSyntaxError, RecursionError):
            return True  # newer syntax than it knows: it has no opinion
        return False


def _hcl(before: Document, after: Document) -> bool:
    from pgconnlint.syntax.hcl import parse

    if parse(after).has_error and not parse(before).has_error:
        return False
    return _hcl2(after.text) or not _hcl2(before.text)


def _hcl2(text: str) -> bool:
    """python-hcl2 where it is installed; a fork of the same name may lack what is asked for."""
    if find_spec("hcl2") is None:
        return True
    import hcl2

    try:
        hcl2.loads(text)  # type: ignore[attr-defined,unused-ignore]  # Checkov's fork has it, too
    except Exception as error:  # its parser's own exceptions, whichever version is there
        return not type(error).__module__.startswith(("lark", "hcl2"))
    return True


def _yaml(text: str) -> bool:
    import yaml

    try:
        for _ in yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except (yaml.YAMLError, RecursionError, ValueError):
        return False
    return True
