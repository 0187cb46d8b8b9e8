"""Which directories are root modules, what they call, and which variable files go with them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from pgconnlint.infra.environment import environment_of
from pgconnlint.infra.terraform.configuration import is_configuration
from pgconnlint.syntax.files import Files

_RELEVANT = re.compile(
    rb"aws_db_|aws_rds_|postgres|google_sql_|google_alloydb|digitalocean_database|\brds\b|/rds|rds-aurora|sql-db|"
    rb"kubernetes_(?:deployment|stateful|daemon|job|cron|horizontal|config_map|secret|service|manifest)|kubectl_manifest|helm_release|"
    rb"aws_ecs_|aws_lambda_function|google_cloud_run|google_cloudfunctions|azurerm_container_app|pgbouncer|DATABASE_URL|"
    rb"aws_apprunner|PGHOST|cloudposse/|aurora"
)
_SOURCE = re.compile(rb'"?\bsource"?\s*[=:]\s*"([^"]*)"')
_COMMENT = re.compile(rb"^[ \t]*(?:#[^\n]*|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z))", re.MULTILINE)
"""Whole lines only: `/*` in a string is a path or an ARN."""

_SHARED = frozenset(
    {"common", "shared", "global", "base", "default", "defaults", "all", "variables", "vars", "terraform"}
)
_INVENTED = ("example", "sample", "template", "dummy", "tpl")
SETS = 16
"""Variable sets evaluated for one root module."""


@dataclass(frozen=True, slots=True)
class VariableSet:
    """Variable files that are applied together, weakest first, and the environment they make."""

    environment: str
    paths: tuple[str, ...]
    own: tuple[str, ...] = ()  # those that make it this set; without a variable of the module it is none


@dataclass
class Layout:
    """``files`` by directory; ``roots`` sorted; ``relevant`` directories are worth evaluating."""

    folders: dict[str, list[str]] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    relevant: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    terragrunt: tuple[str, ...] = ()
    variables: dict[str, list[str]] = field(default_factory=dict)  # root -> variable files


def survey(files: Files) -> Layout:
    """Look at every configuration file's bytes once; nothing is parsed yet."""
    layout = Layout()
    edges: dict[str, set[str]] = {}
    mentions: set[str] = set()
    matters: set[str] = set()
    for path in files.paths:
        if not is_configuration(path):
            continue
        folder = posixpath.dirname(path)
        layout.folders.setdefault(folder, []).append(path)
        data = files.data(path) or b""
        if _RELEVANT.search(data):
            mentions.add(folder)
            matters.add(path)
        for source in _SOURCE.findall(_COMMENT.sub(b"", data)):
            target = local_source(folder, source.decode("utf-8", "replace"))
            if target is not None:
                edges.setdefault(folder, set()).add(target)
    layout.terragrunt = tuple(path for path in files.paths if path.rsplit("/", 1)[-1] == "terragrunt.hcl")
    called = {target for targets in edges.values() for target in targets}
    layout.relevant = _callers(mentions, edges)
    layout.matters = frozenset(matters)
    layout.roots = tuple(sorted(folder for folder in layout.folders if folder not in called))
    _variables(layout, files)
    return layout


def local_source(folder: str, source: str) -> str | None:
    """The directory a module's source names relative to ``folder``; None when it is not a local path."""
    if not source.startswith(("./", "../")) and source not in (".", ".."):
        return None
    path = posixpath.normpath(posixpath.join(folder, source.replace("//", "/")))
    return None if path.startswith("..") else "" if path == "." else path


def _callers(mentions: set[str], edges: dict[str, set[str]]) -> frozenset[str]:
    """The directories that mention something relevant, and all that call them."""
    callers: dict[str, set[str]] = {}
    for caller, targets in edges.items():
        for target in targets:
            callers.setdefault(target, set()).add(caller)
    found = set(mentions)
    stack = list(mentions)
    while stack:
        for caller in callers.get(stack.pop(), ()):
            if caller not in found:
                found.add(caller)
                stack.append(caller)
    return frozenset(found)


def _is_variables(path: str) -> bool:
    return path.endswith((".tfvars", ".tfvars.json"))


def _variables(layout: Layout, files: Files) -> None:
    """Every variable file belongs to the nearest root module above it."""
    roots = set(layout.roots)
    for path in files.paths:
        if not _is_variables(path):
            continue
        folder = posixpath.dirname(path)
        while True:
            if folder in roots:
                layout.variables.setdefault(folder, []).append(path)
                break
            if not folder:
                sibling = _sibling(posixpath.dirname(path), roots)
                if sibling is not None:
                    layout.variables.setdefault(sibling, []).append(path)
                break
            folder = posixpath.dirname(folder)


def _sibling(folder: str, roots: set[str]) -> str | None:
    """A lone root beside a folder of variable files (`terraform/` and `envs/prod.tfvars`)."""
    while folder:
        folder = posixpath.dirname(folder)
        near = [root for root in roots if posixpath.dirname(root) == folder]
        if near:
            return near[0] if len(near) == 1 else None
    return None


def _automatic(root: str, path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    if posixpath.dirname(path) != root:
        return False
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith((".auto.tfvars", ".auto.tfvars.json"))


def _strength(path: str) -> tuple[int, str]:
    name = path.rsplit("/", 1)[-1]
    rank = {"terraform.tfvars": 0, "terraform.tfvars.json": 1}.get(name, 2)
    return rank, name


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.removesuffix(".json").removesuffix(".tfvars").removesuffix(".auto")


def variable_sets(layout: Layout, root: str) -> list[VariableSet]:
    """The alternatives a root module is applied with; at least one, in the order of their names."""
    paths = layout.variables.get(root, [])
    own = environment_of(f"{root}/") if root else ""
    automatic = tuple(sorted((path for path in paths if _automatic(root, path)), key=_strength))
    groups: dict[str, list[str]] = {}
    shared: list[str] = []
    for path in sorted(paths):
        if path in automatic or any(word in _stem(path).lower() for word in _INVENTED):
            continue
        inner = path.removeprefix(root).lstrip("/")
        key = environment_of(inner.removesuffix(".json").removesuffix(".tfvars") + ".tfvars")
        stem = _stem(path)
        if not key and stem.lower() in _SHARED:
            shared.append(path)
            continue
        if key and environment_of(f"{stem}.tfvars") == key and stem.lower() != key:
            # prod-eu and prod-us are two environments, production.tfvars is not
            key = stem if _another(paths, path, key) else key
        groups.setdefault(key or stem, []).append(path)
    if not groups:
        return [VariableSet(own, (*automatic, *shared))]
    sets = [
        VariableSet(name, (*automatic, *shared, *sorted(members)), tuple(sorted(members)))
        for name, members in sorted(groups.items())
    ]
    return sets[:SETS]


def without_sets(layout: Layout, root: str) -> VariableSet:
    """What applies to a root whose variable files are none of its own."""
    automatic = (path for path in layout.variables.get(root, []) if _automatic(root, path))
    return VariableSet(environment_of(f"{root}/") if root else "", tuple(sorted(automatic, key=_strength)))


def _another(paths: list[str], path: str, key: str) -> bool:
    """Whether another file of the same folder names the same environment."""
    folder = posixpath.dirname(path)
    return any(
        other != path and posixpath.dirname(other) == folder and environment_of(f"{_stem(other)}.tfvars") == key
        for other in paths
    )
