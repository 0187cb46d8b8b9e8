"""Which environment a file belongs to, told by its path: alternatives that are never added up."""

from __future__ import annotations

import re

_CANONICAL = {
    "dev": "dev", "develop": "dev", "development": "dev", "devel": "dev",
    "local": "local", "localhost": "local", "minikube": "local", "kind": "local",
    "test": "test", "testing": "test", "qa": "test", "ci": "test", "integration": "test", "e2e": "test",
    "staging": "staging", "stage": "staging", "stg": "staging", "uat": "staging", "preprod": "staging",
    "preproduction": "staging", "acceptance": "staging",
    "prod": "prod", "production": "prod", "prd": "prod", "live": "prod",
    "sandbox": "sandbox", "sbx": "sandbox", "demo": "demo", "preview": "preview",
}  # fmt: skip
_STRONG = frozenset({
    "dev", "develop", "development", "staging", "stg", "uat", "preprod", "preproduction", "prod", "production", "prd",
})  # fmt: skip
"""Words that name an environment wherever they begin or end a name; the others must end it or be all of it."""

_HOLDERS = frozenset({"overlays", "overlay", "environments", "environment", "envs", "env", "stages"})
"""Folders whose children are environments."""

_SHARED = frozenset({"base", "bases", "common", "default", "defaults", "shared", "global", "modules", "module", "all"})
_TOOLING = frozenset({"tools", "tooling", "kit", "docs", "guide", "scripts", "utils", "container", "mode"})
_SEPARATORS = re.compile(r"[._\s-]+")
_TWO_WORDS = (("pre", "prod"), ("pre", "production"), ("non", "prod"), ("non", "production"))


def environment_of(path: str) -> str:
    """The environment a path names: dev, local, test, staging, prod, an overlay's own name, or "".

    ``path`` is relative to the root with forward slashes. Names nearer to the file win; the child of a
    folder such as `overlays/` or `envs/` counts even when its name is no usual one (`prod-eu` and `prod-us`
    are two environments there).
    """
    *folders, name = path.split("/")
    lowest = len(folders)
    for index in range(len(folders) - 1, -1, -1):
        if folders[index].lower() in _HOLDERS:
            lowest = index
            break
    stem = name.lstrip("._")
    stem = stem[: stem.rfind(".")] if "." in stem and not name.startswith(".env") else stem
    found = _named(stem, file=True)
    if lowest < len(folders) - 1:
        inside = [_CANONICAL.get(folder.lower(), "") for folder in folders[lowest + 1 :]]
        return next((one for one in reversed(inside) if one), "") or _child(folders[lowest + 1])
    if found:
        return found
    return next((one for folder in reversed(folders) if (one := _named(folder, file=False))), "")


_FIXTURES = frozenset({
    "test", "tests", "__tests__", "testdata", "test-data", "test_data", "fixture", "fixtures", "e2e", "e2e-tests",
    "cypress", "integration-tests", "integration_tests", "integrationtest", "itest", "itests", "testing", "spec",
    "specs", "mocks",
})  # fmt: skip
_DEPLOYING = frozenset({
    "deploy", "deployment", "deployments", "k8s", "kubernetes", "kube", "helm", "clusters", "values", "terraform", "tf",
    "infra", "infrastructure", "iac", "ops", "config", "configs", "live", "argocd", "flux", "gitops", "kustomize",
})  # fmt: skip
"""Folders below which `test` is an environment and not somebody's fixtures."""


def is_fixture(path: str) -> bool:
    """A file that only tests read: below `tests/`, `testdata/`, `e2e/` ... but not `overlays/test/` or `k8s/test/`."""
    parts = [part.lower() for part in path.split("/")[:-1]]
    return any(
        part in _FIXTURES and not (index and (parts[index - 1] in _HOLDERS or parts[index - 1] in _DEPLOYING))
        for index, part in enumerate(parts)
    )


def canonical(word: str) -> str:
    """`production` and `prd` are `prod`: the usual name of an environment, or the word itself in lower case."""
    return _CANONICAL.get(word.lower(), word.lower())


def _child(folder: str) -> str:
    return "" if folder.lower() in _SHARED or "." in folder else folder.lower()


def _named(name: str, *, file: bool) -> str:
    """The environment one file stem or folder name says; weak words must be the name's end or all of it."""
    words = [word for word in _SEPARATORS.split(name.lower()) if word]
    if not words:
        return ""
    if len(words) >= 2 and tuple(words[-2:]) in _TWO_WORDS:
        return "staging" if words[-2] == "pre" else "nonprod"
    first, last = words[0], words[-1]
    if len(words) == 1:
        if not file and first in ("local", "test", "kind", "integration", "live", "e2e", "ci"):
            return "test" if first in ("test", "e2e", "ci", "integration") else ""
        return _CANONICAL.get(first, "")
    if last in _CANONICAL and (file or last in _STRONG):
        return _CANONICAL[last]
    if first in _STRONG and last not in _TOOLING:
        return _CANONICAL[first]
    return ""
