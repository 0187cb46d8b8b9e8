"""Terraform's functions: those that must see expressions or files, and the way to all others."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown
from pgconnlint.infra.terraform import collections, templates, text_functions
from pgconnlint.infra.terraform.decoding import decoded
from pgconnlint.infra.terraform.rendering import LIMIT
from pgconnlint.infra.terraform.tree import Call, Expression, Template
from pgconnlint.infra.terraform.values import (
    Encoded,
    Inner,
    Missing,
    NotKnownError,
    as_text,
    because,
    is_unknown,
    plain,
    references,
    wrap,
)
from pgconnlint.syntax.document import Document, Origin
from pgconnlint.text import Location

if TYPE_CHECKING:
    from pgconnlint.infra.terraform.evaluation import Scope

Evaluate = Callable[[Expression, "Scope"], Inner]

_TRANSPARENT = frozenset({"sensitive", "nonsensitive", "ephemeralasnull", "tolist", "tomap", "any"})


def call(expression: Call, scope: Scope, evaluate: Evaluate) -> Inner:
    """The result of a function call; an unknown function gives an unknown that keeps the references."""
    at = expression.at.location
    name = expression.name.rsplit("::", 1)[-1]
    if name in ("try", "can"):
        return _try(name, expression, scope, evaluate, at)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    if expression.expanded and arguments:
        last = arguments.pop()
        if not isinstance(last, Sequence) or last.partial:
            return because(last, at, *arguments)
        arguments.extend(last.items)
    match name, arguments:
        case _, [value] if name in _TRANSPARENT:
            return value
        case ("templatefile", [path, variables]):
            return _templatefile(path, variables, scope, evaluate, at)
        case ("file", [path]):
            document, value = _file(path, scope, at)
            return _whole(document, at) if document else value
        case ("fileexists", [path]):
            document, value = _file(path, scope, at)
            return Known(True, at) if document else value
        case ("jsonencode" | "yamlencode", [value]):
            return Encoded(value, name[:4], at)
        case ("jsondecode" | "yamldecode", [value]):
            return decoded(value, at)
        case ("templatestring", _):
            return Unknown("`templatestring` is not evaluated", at, references(arguments))
    structural = collections.FUNCTIONS.get(name)
    if structural is not None:
        return _guarded(lambda: structural(arguments, at), arguments, name, at)
    pure = text_functions.FUNCTIONS.get(name)
    if pure is None:
        return Unknown(f"`{name}()` is not evaluated", at, references(arguments))
    for argument in arguments:
        if is_unknown(argument):
            return because(argument, at, *arguments)
    return _guarded(lambda: wrap(_bounded(pure(*(plain(argument) for argument in arguments))), at), arguments, name, at)


def _bounded(result: object) -> object:
    """Texts that grow without bound (replace, format in a chain of locals) are refused."""
    if isinstance(result, str) and len(result) > LIMIT:
        raise ValueError
    return result


def _guarded(run: Callable[[], Inner], arguments: list[Inner], name: str, at: Location) -> Inner:
    """Wrong arguments are errors Terraform reports itself: unknown here, and `try` goes on."""
    try:
        return run()
    except NotKnownError:
        return Unknown(f"an argument of `{name}()` is not known", at, references(arguments))
    except (TypeError, ValueError, ArithmeticError, IndexError, KeyError, AttributeError, RecursionError):
        return Missing(f"`{name}()` does not accept these arguments", at)


def _try(name: str, expression: Call, scope: Scope, evaluate: Evaluate, at: Location) -> Inner:
    """The first argument without an error; an unknown one may be the answer, so it ends the search."""
    for argument in expression.arguments:
        value = evaluate(argument, scope)
        if isinstance(value, Missing):
            continue
        if name == "can":
            return because(value, at) if is_unknown(value) else Known(True, at)
        return value
    return Known(False, at) if name == "can" else Missing("every alternative of `try()` fails", at)


def _file(path: Inner, scope: Scope, at: Location) -> tuple[Document | None, Inner]:
    written = as_text(path)
    if written is None:
        return None, because(path, at)
    world = scope.module.world
    written = written.replace("\\", "/")
    for folder in ("", world.folder):
        joined = posixpath.normpath(posixpath.join(folder, written))
        if not joined.startswith(("/", "~", "..")) and (document := world.text(joined)) is not None:
            return document, path
    return None, Unknown(f"`{written}` is not among the files", at)


def _whole(document: Document, at: Location) -> Known:
    source = Document(
        document.path, "text", document.text, origin=Origin(document, tuple(range(len(document.text) + 1)))
    )
    return Known(document.text, at, (document.at(0, 1),) if document.text else (), source)


def rendered(template: Inner, variables: Inner, scope: Scope, evaluate: Evaluate, at: Location) -> Inner:
    """The `rendered` of a `template_file` data source: a text that is a template of its own."""
    match template:
        case Known(value=str(text)):
            source = template.source
        case _:
            return because(template, at, variables)
    if source is not None and source.origin is not None and source.origin.parent.text == source.text:
        source = source.origin.parent
    if source is None:
        source = Document(template.at.path, "text", text)
        if "${" in text or "%{" in text:
            return Unknown("a template written in one line", at, references((variables,)))
    parsed = templates.file_template(source)
    if not isinstance(parsed, Template):
        return Unknown("a template that cannot be read", at, references((variables,)))
    names: dict[str, Inner] = dict(variables.items) if isinstance(variables, Mapping) else {}
    return evaluate(parsed, type(scope)(scope.module, names))


def _templatefile(path: Inner, variables: Inner, scope: Scope, evaluate: Evaluate, at: Location) -> Inner:
    document, value = _file(path, scope, at)
    if document is None:
        return Unknown(value.reason if isinstance(value, Unknown) else "a template", at, references((path, variables)))
    if not isinstance(variables, Mapping):
        return because(variables, at)
    template = scope.module.world.template(document, templates.file_template)
    if not isinstance(template, Template):
        return Unknown("a template that cannot be read", at, references((variables,)))
    names: dict[str, Inner] = dict(variables.items)
    return evaluate(template, type(scope)(scope.module, names))
