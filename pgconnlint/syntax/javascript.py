"""JavaScript and TypeScript text to tree-sitter trees."""

from __future__ import annotations

import re
from functools import cache

from tree_sitter import Language, Node, Parser, Tree

from pgconnlint.syntax.document import Document

_FALLBACK = {"javascript": "tsx", "typescript": "tsx", "tsx": "typescript"}
"""Flow annotations in .js and JSX in .ts: a second grammar is tried where the first one stumbles."""
_USING_NAME = re.compile(rb"\busing\b(?!\s+[A-Za-z_$][\w$]*\s*(?:=|of\b))")
"""A variable called `using`, which the grammars take for the declaration."""


def parse(document: Document) -> Tree:
    """The tree of a javascript, typescript or tsx document; it may contain ERROR nodes.

    Where the grammar of the document's language fails, the related one is tried, and the tree with fewer
    characters inside errors is returned. Offsets in the tree count bytes of ``document.encoded``.
    """
    language = document.language if document.language in _FALLBACK else "tsx"
    tree = _parser(language).parse(document.encoded)
    if not tree.root_node.has_error:
        return tree
    candidates = [tree, _parser(_FALLBACK[language]).parse(document.encoded)]
    if _USING_NAME.search(document.encoded):
        renamed = _USING_NAME.sub(b"us1ng", document.encoded)
        candidates += [_parser(one).parse(renamed) for one in (language, _FALLBACK[language])]
    return min(candidates, key=lambda one: sum(node.end_byte - node.start_byte + 1 for node in errors(one)))


def errors(tree: Tree) -> list[Node]:
    """The outermost ERROR and MISSING nodes, in source order."""
    found: list[Node] = []
    pending = [tree.root_node]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        elif node.has_error:
            pending.extend(reversed(node.children))
    return found


@cache
def _parser(language: str) -> Parser:
    """Grammars are shared libraries: each is loaded when the first file needs it."""
    if language == "javascript":
        import tree_sitter_javascript

        return Parser(Language(tree_sitter_javascript.language()))
    import tree_sitter_typescript

    if language == "typescript":
        return Parser(Language(tree_sitter_typescript.language_typescript()))
    return Parser(Language(tree_sitter_typescript.language_tsx()))
