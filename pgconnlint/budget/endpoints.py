"""Where a container connects: hosts and ports read from its environment and command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pgconnlint.infra.model import Container
from pgconnlint.infra.resource import Known, Unknown, Value, text
from pgconnlint.text import Location

_URL = re.compile(
    r"(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://(?:[^@\s/\"']*@)?(?P<hosts>[^/?\s\"']+)?(?:/(?P<name>[^?\s\"']*))?(?P<query>\?\S*)?",
    re.IGNORECASE,
)
_HOST_KEY = re.compile(
    r"^(?P<prefix>PG|(?:\w*_)?(?:PG|POSTGRES(?:QL)?|DB|DATABASE|RDS|PSQL|SQL)(?:_\w+?)??)_?(?:HOST|HOSTNAME|HOST_NAME|SERVER|ADDR|ADDRESS|ENDPOINT)$",
    re.IGNORECASE,
)
_URL_KEY = re.compile(r"(?:DATABASE|DB|POSTGRES(?:QL)?|PG|SQLALCHEMY)\w*(?:URL|URI|DSN)$", re.IGNORECASE)
_POSTGRES_KEY = re.compile(r"(^|_)(PG(HOST|PORT|USER|DATABASE|PASSWORD|PASSFILE)$|POSTGRES)", re.IGNORECASE)
_POSTGRES_PORTS = frozenset({"5432", "6432", "6543", "25060", "25061"})
_HOST = re.compile(r"(?=.*[a-z])[\w.-]+|\d{1,3}(?:\.\d{1,3}){3}", re.IGNORECASE)
_NO_HOST = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null", "md5", "trust", "0.0.0.0"})
"""Switches, methods and the address to listen on: values of variables that merely end like a host's."""

_NO_HOST_KEY = re.compile(r"(^|_)(LOG|LOGGING|ALLOW|TRUST|LISTEN|BIND|AUTH_METHOD)_", re.IGNORECASE)
_MIGRATION_KEY = re.compile(r"DIRECT|MIGRAT|ADMIN|READ_?ONLY|REPLICA|SHADOW|LISTEN|NON_POOLING", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One database address a container is given. ``host`` None: written, but not readable (a secret).

    ``special``: the variable says it is for migrations, replicas, listeners; ``certain``: it is PostgreSQL.
    """

    host: str | None
    port: int | None
    at: Location
    variable: str
    reason: str = ""
    special: bool = False
    certain: bool = True
    database: str | None = None
    parameters: str = ""


def endpoints(container: Container) -> tuple[Endpoint, ...]:
    """Every PostgreSQL address in the container's variables, arguments and command, in order."""
    variables = container.environment_variables
    found = [one for key, value in variables.items() for one in _of_variable(key, value, variables)]
    for word in (*container.command, *container.arguments):
        written = text(word)
        if written:
            found.extend(_of_url(found_url, word.at, "argument") for found_url in _URL.finditer(written))
    return tuple(found)


def talks_to_postgres(container: Container) -> bool:
    """Some variable or argument says PostgreSQL, even when the address itself is secret."""
    if any(endpoint.certain for endpoint in endpoints(container)):
        return True
    return any(_POSTGRES_KEY.search(key) for key in container.environment_variables)


def _of_variable(key: str, value: Value, variables: dict[str, Value]) -> Iterator[Endpoint]:
    special = _MIGRATION_KEY.search(key) is not None
    written = value.text or None if isinstance(value, Unknown) else text(value)
    if key == "DATA_SOURCE_URI" and written and "://" not in written:
        written = f"postgresql://{written}"  # postgres_exporter's address has no scheme
    if written is not None and (found := _URL.search(written)):
        yield _of_url(found, value.at, key)
        return
    is_url = _URL_KEY.search(key) is not None
    is_host = None if _NO_HOST_KEY.search(key) else _HOST_KEY.match(key)
    if isinstance(value, Unknown) and (is_url or is_host):
        certain = _POSTGRES_KEY.search(key) is not None
        yield Endpoint(None, None, value.at, key, value.reason, special, certain)
    elif is_host and isinstance(value, Known) and written and _is_address(written):
        host, _, port = written.partition(":")
        number = port or text(variables.get(_sibling(key, variables))) or ""
        certain = _POSTGRES_KEY.search(key) is not None or number in _POSTGRES_PORTS
        yield Endpoint(host.lower(), int(number) if number.isdigit() else None, value.at, key, "", special, certain)


def _is_address(written: str) -> bool:
    """A host name or IPv4 address, with a port or without: no switch, number or pattern."""
    host, colon, port = written.partition(":")
    if host.lower() in _NO_HOST or (colon and not port.isdigit()):
        return False
    return _HOST.fullmatch(host) is not None


def _sibling(key: str, variables: dict[str, Value]) -> str:
    """The variable that holds the port beside a host variable."""
    stem = re.sub(r"(HOST|HOSTNAME|HOST_NAME|SERVER|ADDR|ADDRESS|ENDPOINT)$", "", key, flags=re.IGNORECASE)
    return next((name for name in variables if name.upper() == f"{stem}PORT".upper()), "")


def _of_url(found: re.Match[str], at: Location, key: str) -> Endpoint:
    hosts = (found["hosts"] or "").split(",")[0]
    host, _, port = hosts.partition(":")
    if "$" in host or "{" in host:  # only the password of a URL may stay unknown
        host = ""
    return Endpoint(
        host.lower() if host and "$" not in host and "{" not in host else None,
        int(port) if port.isdigit() else None,
        at,
        key,
        special=_MIGRATION_KEY.search(key) is not None,
        database=found["name"] or None,
        parameters=found["query"] or "",
    )
