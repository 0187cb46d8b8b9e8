"""All template functions by name, and how they treat what is not known."""

from __future__ import annotations

from pgconnlint.infra.helm.arguments import Arguments, Functions, argument, bounded, text
from pgconnlint.infra.helm.data import (
    NIL,
    Array,
    Datum,
    EvaluationError,
    Opaque,
    Scalar,
    Table,
    boolean,
    strval,
    uncertain,
    weigh,
)
from pgconnlint.infra.helm.documents import read_yaml, to_json, to_yaml
from pgconnlint.infra.helm.list_functions import LISTS
from pgconnlint.infra.helm.number_functions import NUMBERS
from pgconnlint.infra.helm.text_functions import TEXT
from pgconnlint.infra.helm.traced import Traced, replaced


def _from_yaml(arguments: Arguments) -> Datum:
    """A map; what is none gives a map with `Error`, as Helm has it."""
    found = read_yaml(text(arguments, 0))
    match found:
        case []:
            return Table()
        case [(Table() as table, ""), *_]:
            return table
        case [(Scalar(value=None), ""), *_]:
            return Table()
        case [(Opaque() as unknown, _), *_]:
            return unknown
    return Table({"Error": Traced("not a map")})


def _from_yaml_array(arguments: Arguments) -> Datum:
    found = read_yaml(text(arguments, 0))
    return found[0][0] if found and isinstance(found[0][0], Array | Opaque) else Array()


def _from_json(arguments: Arguments) -> Datum:
    found = read_yaml(text(arguments, 0))
    return found[0][0] if found else NIL


def _html(arguments: Arguments) -> Traced:
    shown = strval(argument(arguments, 0))
    for sign, entity in (("&", "&amp;"), ("'", "&#39;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;")):
        shown = replaced(shown, sign, entity)
    return shown


def _required(arguments: Arguments) -> Datum:
    value = argument(arguments, 1)
    if (isinstance(value, Scalar) and value.value is None) or (isinstance(value, Traced) and not value.text):
        raise EvaluationError(f"a value is required: {text(arguments, 0).text[:120]}")
    return value


def _fail(arguments: Arguments) -> Datum:
    raise EvaluationError(f"the chart refuses these values: {text(arguments, 0).text[:120]}")


def _path_part(arguments: Arguments, part: str) -> Traced:
    value = text(arguments, 0)
    path = value.text.rstrip("/")
    start = path.rfind("/") + 1
    match part:
        case "base":
            return value.cut(start, len(path)) if path else Traced("." if not value.text else "/")
        case "dir":
            return value.cut(0, max(start - 1, 1 if path.startswith("/") else 0)) if start else Traced(".")
    name = path[start:]
    dot = name.rfind(".")
    return value.cut(start + dot, len(path)) if dot >= 0 else Traced("")


def _url_parse(arguments: Arguments) -> Table:
    from urllib.parse import urlsplit

    value = text(arguments, 0)
    try:
        parts = urlsplit(value.text)
        host = parts.netloc.rpartition("@")[2]
        hostname = parts.hostname or ""
    except ValueError:
        raise EvaluationError("an address that cannot be read") from None
    return Table(
        {
            "scheme": value.same(parts.scheme),
            "host": value.same(host),
            "hostname": value.same(hostname),
            "path": value.same(parts.path),
            "query": value.same(parts.query),
            "opaque": Traced(""),
            "fragment": value.same(parts.fragment),
            "userinfo": value.same(parts.netloc.rpartition("@")[0]),
        }
    )


def _url_join(arguments: Arguments) -> Traced:
    parts = arguments[0].items if arguments and isinstance(arguments[0], Table) else {}
    names = ("scheme", "userinfo", "host", "path", "query", "fragment")
    taken = {name: strval(parts[name]).text if name in parts else "" for name in names}
    user = f"{taken['userinfo']}@" if taken["userinfo"] else ""
    query = f"?{taken['query']}" if taken["query"] else ""
    fragment = f"#{taken['fragment']}" if taken["fragment"] else ""
    scheme = f"{taken['scheme']}://" if taken["scheme"] else "//"
    return Traced(f"{scheme}{user}{taken['host']}{taken['path']}{query}{fragment}")


def _unknowable(name: str) -> Opaque:
    return Opaque(f"`{name}` gives another result on every run")


UNKNOWABLE = frozenset({
    "now", "date", "dateInZone", "date_in_zone", "dateModify", "date_modify", "mustDateModify", "ago", "htmlDate",
    "htmlDateInZone", "toDate", "mustToDate", "unixEpoch", "duration", "durationRound", "randAlphaNum", "randAlpha",
    "randNumeric", "randAscii", "randBytes", "randInt", "uuidv4", "genPrivateKey", "genCA", "genCAWithKey",
    "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "derivePassword",
    "bcrypt", "htpasswd", "encryptAES", "decryptAES", "buildCustomCert", "getHostByName", "shuffle",
})  # fmt: skip
"""Functions whose result is new on every run."""

DOCUMENTS: Functions = {
    "toYaml": lambda a: to_yaml(argument(a, 0)),
    "mustToYaml": lambda a: to_yaml(argument(a, 0)),
    "toYamlPretty": lambda a: to_yaml(argument(a, 0)),
    "fromYaml": _from_yaml,
    "fromYamlArray": _from_yaml_array,
    "fromJson": _from_json,
    "mustFromJson": _from_json,
    "fromJsonArray": _from_yaml_array,
    "toJson": lambda a: to_json(argument(a, 0)),
    "mustToJson": lambda a: to_json(argument(a, 0)),
    "toRawJson": lambda a: to_json(argument(a, 0), escape_html=False),
    "mustToRawJson": lambda a: to_json(argument(a, 0), escape_html=False),
    "toPrettyJson": lambda a: to_json(argument(a, 0), pad="  "),
    "mustToPrettyJson": lambda a: to_json(argument(a, 0), pad="  "),
    "toToml": lambda a: Opaque("TOML made by a template is not read"),
    "required": _required,
    "fail": _fail,
    "lookup": lambda a: Table(),
    "base": lambda a: _path_part(a, "base"),
    "osBase": lambda a: _path_part(a, "base"),
    "dir": lambda a: _path_part(a, "dir"),
    "osDir": lambda a: _path_part(a, "dir"),
    "ext": lambda a: _path_part(a, "ext"),
    "osExt": lambda a: _path_part(a, "ext"),
    "clean": lambda a: text(a, 0),
    "isAbs": lambda a: boolean(text(a, 0).text.startswith("/")),
    "urlParse": _url_parse,
    "urlJoin": _url_join,
    "html": _html,
    "hello": lambda a: Traced("Hello!"),
}

FUNCTIONS: Functions = {**TEXT, **NUMBERS, **LISTS, **DOCUMENTS}

_TOLERANT = frozenset({
    "default", "coalesce", "ternary", "list", "tuple", "dict", "set", "append", "push", "prepend", "merge",
    "mergeOverwrite", "mustMerge", "mustMergeOverwrite", "toYaml", "toJson", "toPrettyJson", "toRawJson", "concat",
    "kindOf", "first", "last", "index", "quote", "squote", "print", "printf", "cat", "join", "toString", "required",
    "mustAppend", "mustPrepend",
})  # fmt: skip
"""Functions that may hold or print something unknown; the others cannot tell their result without it."""

PRINTING = frozenset({
    "nindent", "indent", "quote", "squote", "print", "printf", "cat", "toString", "trim", "trimSuffix", "trimPrefix",
    "trunc", "lower", "upper", "replace",
})  # fmt: skip
"""Functions that only write text around or out of what they get: a placeholder goes through them."""

_EXACT = frozenset({
    *NUMBERS, "contains", "hasPrefix", "hasSuffix", "regexMatch", "regexFind", "has", "hasKey", "get", "b64enc",
    "b64dec", "sha1sum", "sha256sum", "sha512sum", "kebabcase", "snakecase", "camelcase", "regexReplaceAll", "fromJson",
})  # fmt: skip
"""Functions whose result on partly unknown text would be a guess."""


_THROUGH = frozenset({
    "toYaml", "mustToYaml", "toYamlPretty", "toJson", "mustToJson", "toRawJson", "mustToRawJson", "toPrettyJson",
    "mustToPrettyJson", "quote", "squote", "print", "println", "printf", "cat", "join", "toString", "toStrings",
    "deepCopy", "mustDeepCopy", "merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite", "deepEqual", "has",
    "uniq", "without", "sortAlpha", "urlquery", "html",
})  # fmt: skip
"""Functions that look through all of what they are given."""


def call(name: str, arguments: Arguments) -> Datum:
    """The result of a function. Raises EvaluationError where Helm would stop, also for unknown names."""
    if name in UNKNOWABLE:
        return _unknowable(name)
    body = FUNCTIONS.get(name)
    if body is None:
        raise EvaluationError(f"`{name}` is no template function that is known here")
    if name not in _TOLERANT:
        unknown = next((value for value in arguments if isinstance(value, Opaque)), None)
        if unknown is not None:
            return unknown
    if name in _EXACT and any(uncertain(value) for value in arguments):
        return Opaque("a part of this text cannot be told")
    if name in _THROUGH:
        for value in arguments:
            if isinstance(value, Table | Array):
                weigh(value)
    result = body(arguments)
    if isinstance(result, Traced):
        bounded(len(result.text))
    elif isinstance(result, Array):
        bounded(len(result.items) * 10)
    return result
