"""PgBouncer's keys by section: what kind of value each takes, and since which version it exists.

Read from src/main.c and src/loader.c of every release 1.6-1.25 and of the development branch after it ("1.26").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

Version = tuple[int, int]

_STRINGS = """
admin_users auth_file auth_query conffile ignore_startup_parameters job_name listen_addr logfile pidfile
server_check_query server_reset_query service_name stats_users syslog_facility syslog_ident unix_socket_dir
unix_socket_group user auth_hba_file:1.7 client_tls_ca_file:1.7 client_tls_cert_file:1.7 client_tls_ciphers:1.7
client_tls_dheparams:1.7 client_tls_ecdhcurve:1.7 client_tls_key_file:1.7 client_tls_protocols:1.7
server_tls_ca_file:1.7 server_tls_cert_file:1.7 server_tls_ciphers:1.7 server_tls_key_file:1.7
server_tls_protocols:1.7 auth_user:1.8 resolv_conf:1.12 auth_dbname:1.19 track_extra_parameters:1.20
auth_ident_file:1.23 auth_ldap_options:1.25 client_tls13_ciphers:1.25 server_tls13_ciphers:1.25
login_notify_message:1.26
"""
_INTEGERS = """
application_name_add_host default_pool_size disable_pqexec listen_backlog listen_port log_connections
log_disconnections log_pooler_errors max_client_conn max_db_connections max_packet_size max_user_connections
min_pool_size pkt_buf reserve_pool_size sbuf_loopcnt server_round_robin stats_period syslog tcp_defer_accept
tcp_keepalive tcp_keepcnt tcp_keepidle tcp_keepintvl tcp_socket_buffer unix_socket_mode verbose
server_reset_query_always:1.7 server_fast_close:1.9 log_stats:1.11 so_reuseport:1.12 tcp_user_timeout:1.13
peer_id:1.19 max_prepared_statements:1.21 max_db_client_connections:1.24 max_user_client_connections:1.24
query_wait_notify:1.25 scram_iterations:1.25
"""
_TIMES = """
autodb_idle_timeout client_idle_timeout client_login_timeout dns_max_ttl dns_nxdomain_ttl dns_zone_check_period
idle_transaction_timeout query_timeout query_wait_timeout reserve_pool_timeout server_check_delay
server_connect_timeout server_idle_timeout server_lifetime server_login_retry suspend_timeout
cancel_wait_timeout:1.19 transaction_timeout:1.25 pool_idle_timeout:1.26
"""
_CHOICES = "auth_type pool_mode client_tls_sslmode:1.7 server_tls_sslmode:1.7"
_DATABASES = """
dbname host port user password auth_user client_encoding datestyle timezone pool_size reserve_pool
max_db_connections pool_mode connect_query application_name min_pool_size:1.16 auth_dbname:1.19 auth_query:1.22
server_lifetime:1.23 reserve_pool_size:1.24 max_db_client_connections:1.24 load_balance_hosts:1.24
query_wait_timeout:1.26
"""
_USERS = """
pool_mode max_user_connections pool_size:1.23 reserve_pool_size:1.24 idle_transaction_timeout:1.24
query_timeout:1.24 client_idle_timeout:1.24 max_user_client_connections:1.24 transaction_timeout:1.25
query_wait_timeout:1.26
"""
_PEERS = "host port pool_size"

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
CHOICES = {
    "pool_mode": ("session", "transaction", "statement"),
    "auth_type": ("any", "trust", "plain", "md5", "cert", "hba", "ldap", "pam", "scram-sha-256"),
    "client_tls_sslmode": _SSL_MODES,
    "server_tls_sslmode": _SSL_MODES,
}
"""Words a key takes, in any case."""

_FORKS = frozenset({
    "routing_rules_py_module_file", "rewrite_query_py_module_file", "rewrite_query_disconnect_on_failure",
    "topology_query", "recreate_disconnected_pools", "polling_frequency", "server_failed_delay",
    "topology_monitoring_interval",
})  # fmt: skip
"""What forks add (pgbouncer-rr, pgbouncer-fast-switchover): who writes them does not run PgBouncer's own release."""

SECTIONS = ("pgbouncer", "databases", "users", "peers")
_INTEGER = re.compile(r"\s*[+-]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)")
_TIME = re.compile(r"\s*\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Key:
    """``kind`` is string, integer, time (seconds) or choice; ``since`` the first version that knows it."""

    name: str
    kind: str
    since: Version


def _rows(kind: str, names: str) -> dict[str, Key]:
    rows = {}
    for word in names.split():
        name, _, since = word.partition(":")
        rows[name] = Key(name, kind, version_of(since) or (1, 0))
    return rows


def version_of(written: str) -> Version | None:
    """`1.21.0`, `v1.18`, `1.23.1-p2` as (major, minor); None where it is no PgBouncer version."""
    found = re.match(r"v?(1)\.(\d+)(?:\D|$)", written)
    return (int(found[1]), int(found[2])) if found else None


KEYS = {
    "pgbouncer": {
        **_rows("string", _STRINGS),
        **_rows("integer", _INTEGERS),
        **_rows("time", _TIMES),
        **_rows("choice", _CHOICES),
    },
    "databases": _rows("loose", _DATABASES),
    "users": _rows("loose", _USERS),
    "peers": _rows("loose", _PEERS),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What PgBouncer refuses (or, unless ``fatal``, reads otherwise than it looks)."""

    message: str
    advice: str
    fatal: bool = True


def key_remark(section: str, name: str, version: Version | None) -> Remark | None:
    """What is wrong with a key of a section; None where this version (or any, when unknown) has it."""
    if name in _FORKS:
        return None
    table = KEYS[section]
    where = "" if section == "pgbouncer" else f" in [{section}]"
    row = table.get(name)
    if row is not None:
        if version is None or version >= row.since:
            return None
        have, need = f"{version[0]}.{version[1]}", f"{row.since[0]}.{row.since[1]}"
        older = " (write `reserve_pool`)" if name == "reserve_pool_size" and section == "databases" else ""
        return Remark(
            f"`{name}`{where} came with PgBouncer {need}: {have} calls it an unknown parameter and does not start",
            f"remove it, or run PgBouncer {need} or newer{older}",
        )
    if name.lower() in table:
        return Remark(f"`{name}`{where} is unknown to PgBouncer, keys are case-sensitive: it will not start",
                      f"write `{name.lower()}`")  # fmt: skip
    return Remark(f"`{name}`{where} is no parameter of PgBouncer: it will not start", _advice(section, name))


def _advice(section: str, name: str) -> str:
    elsewhere = next((other for other in SECTIONS if other != section and name in KEYS[other]), None)
    if name == "sslmode":
        return "set `server_tls_sslmode` in [pgbouncer]"
    near = get_close_matches(name.lower(), KEYS[section], n=1, cutoff=0.75)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"`{name}` belongs into [{elsewhere}]" if elsewhere else "remove it"


def value_remark(section: str, name: str, value: str) -> Remark | None:
    """What is wrong with the value of a known key."""
    row = KEYS[section].get(name)
    if row is None:
        return None
    bare = re.split(r"\s*[;#]", value, maxsplit=1)[0]
    if name == "port" and not re.match(r"\s*[+-]?0*[1-9]", value):
        return Remark(f"`{name}={value}` is no port: PgBouncer will not start", "write the port's number")
    if row.kind == "loose" and name != "pool_mode":
        return _loose_remark(name, value)
    if name in CHOICES:
        return _choice_remark(name, value, bare)
    if row.kind == "integer":
        return _number_remark(name, value, bare, _INTEGER, "a whole number")
    if row.kind == "time":
        return _number_remark(name, value, bare, _TIME, "a number of seconds")
    return _string_remark(name, value) if value else None


_ONE_WORD = re.compile(r"listen_addr|\w+_file|logfile|pidfile|unix_socket_dir|\w+_users|ignore_startup_parameters|user")


def _string_remark(name: str, value: str) -> Remark | None:
    """Strings are taken whole: quotes and comments belong to them, whatever that does later."""
    if value[:1] in (";", "#"):
        return Remark(f"`{name} = {value}`: the comment is the value", "put the comment on a line of its own")
    if _ONE_WORD.fullmatch(name) and (found := re.search(r"\s+[;#]", value)):
        return Remark(f"`{name} = {value}`: the comment is part of the value",
                      f"put the comment on a line of its own: `{name} = {value[: found.start()]}`")  # fmt: skip
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"" and value[0] not in value[1:-1]:
        return Remark(f"`{name} = {value}`: the quotes are part of the value", f"write `{name} = {value[1:-1]}`")
    return None


def _loose_remark(name: str, value: str) -> Remark | None:
    """In connection strings numbers are read with `atoi`: what follows the digits is lost without a word."""
    counted = ("pool_size", "connections", "reserve_pool", "timeout", "server_lifetime")
    if not name.endswith(counted) or re.fullmatch(r"\s*[+-]?\d+", value):
        return None
    found = re.match(r"\s*[+-]?\d+", value)
    number = int(found[0].strip()) if found else 0
    return Remark(f"`{name}={value}` is read as {number}: PgBouncer takes only the digits it begins with here",
                  f"write `{name}={number}`" if found else "write a whole number", fatal=False)  # fmt: skip


def _choice_remark(name: str, value: str, bare: str) -> Remark | None:
    words = CHOICES[name]
    if value.lower() in words:
        return None
    plain = bare.strip().strip("'\"").lower()
    if plain in words:
        return _decorated(name, value, bare, plain)
    listed = ", ".join(words)
    return Remark(f"`{name} = {value}` is no valid value: PgBouncer will not start", f"choose one of {listed}")


def _number_remark(name: str, value: str, bare: str, pattern: re.Pattern[str], what: str) -> Remark | None:
    if pattern.fullmatch(value):
        return _octal(name, value) if pattern is _INTEGER else None
    plain = bare.strip().strip("'\"")
    if pattern.fullmatch(plain):
        return _decorated(name, value, bare, plain)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", plain)
    if found:
        seconds = _seconds(found[1], found[2]) if what.endswith("seconds") else found[1]
        return Remark(f"`{name} = {value}` has a unit: PgBouncer takes {what} and will not start",
                      f"write `{name} = {seconds}`")  # fmt: skip
    words = {"on": 1, "yes": 1, "true": 1, "off": 0, "no": 0, "false": 0}
    advice = f"write `{name} = {words[plain.lower()]}`" if plain.lower() in words else f"write {what}"
    return Remark(f"`{name} = {value}` is not {what}: PgBouncer will not start", advice)


def _seconds(number: str, unit: str) -> str:
    factors = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
    return f"{float(number) * factors.get(unit.lower(), 1):g}"


def _decorated(name: str, value: str, bare: str, plain: str) -> Remark:
    if bare != value:
        return Remark(f"`{name} = {value}`: the comment is part of the value, PgBouncer will not start",
                      "put the comment on a line of its own")  # fmt: skip
    return Remark(f"`{name} = {value}`: the quotes are part of the value, PgBouncer will not start",
                  f"write `{name} = {plain}`")  # fmt: skip


def _octal(name: str, value: str) -> Remark | None:
    digits = value.strip().lstrip("+-")
    if name == "unix_socket_mode" or not re.fullmatch(r"0\d+", digits) or int(digits, 8) == int(digits):
        return None
    return Remark(f"`{name} = {value}` means {int(digits, 8)}: a leading zero makes the number octal",
                  f"write `{name} = {digits.lstrip('0')}`")  # fmt: skip
