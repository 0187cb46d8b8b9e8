"""The README of the policies, read from the policy files themselves: they are parsed, never executed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TERRAFORM = ("terraform", "terraform_plan")
_KUBERNETES = ("kubernetes", "helm", "kustomize")
_MIRRORS = re.compile(r"Mirrors (PGC\d+)(?:, but (.+?))?\.(?=\s*(?:\n\n|$))", re.DOTALL)
_DOCS = "https://github.com/pgconnlint/pgconnlint/blob/main/docs"


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: what Checkov shows of it, what it looks at, and the rule it mirrors.

    ``differs`` is "" where the rule says the same of the same resource. ``examples`` are (heading, language, text).
    """

    id: str
    name: str
    severity: str
    frameworks: tuple[str, ...]
    resources: tuple[str, ...]
    rule: str
    differs: str
    summary: str
    path: str
    examples: tuple[tuple[str, str, str], ...]


def policies(folder: Path) -> list[Policy]:
    """Every policy of a folder, by id."""
    found = [_of_python(path) for path in sorted(folder.glob("*.py")) if "CKV_CUSTOM_PG_" in path.read_text("utf-8")]
    found += [_of_yaml(path) for path in sorted(folder.glob("*.yaml"))]
    return sorted(found, key=lambda one: one.id)


def _of_python(path: Path) -> Policy:
    tree = ast.parse(path.read_text("utf-8"))
    keywords: dict[str, list[Any]] = {}
    frameworks: list[str] = []
    for node in ast.walk(tree):
        for word in node.keywords if isinstance(node, ast.Call) else ():
            if word.arg in ("id", "name", "supported_entities", "supported_resources"):
                keywords.setdefault(word.arg, []).append(ast.literal_eval(word.value))
    frameworks += _TERRAFORM if "supported_resources" in keywords else ()
    frameworks += _KUBERNETES if "supported_entities" in keywords else ()
    resources = [*keywords.get("supported_resources", []), *keywords.get("supported_entities", [])]
    severities = set(re.findall(r"BcSeverities\.(\w+)\]", path.read_text("utf-8")))
    return _policy(
        path,
        ast.get_docstring(tree) or "",
        (_single(keywords["id"]), _single(keywords["name"]), _single(sorted(severities))),
        tuple(frameworks),
        tuple(kind for kinds in resources for kind in kinds),
    )


def _of_yaml(path: Path) -> Policy:
    import yaml

    text = path.read_text("utf-8")
    prose = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.splitlines() if line.startswith("#"))
    document = yaml.load(text, Loader=yaml.SafeLoader)
    meta = document["metadata"]
    resources = tuple(_filtered(document["definition"]))
    return _policy(path, prose, (meta["id"], meta["name"], meta["severity"]), _TERRAFORM, resources)


def _filtered(definition: dict[str, Any]) -> list[str]:
    """The resource types a graph policy is about: those of its outermost filter."""
    return [kind for one in definition["and"] if one.get("cond_type") == "filter" for kind in one["value"]]


def _policy(
    path: Path, prose: str, shown: tuple[str, str, str], frameworks: tuple[str, ...], resources: tuple[str, ...]
) -> Policy:
    mirrors = _MIRRORS.search(prose)
    if mirrors is None:
        raise ValueError(f"{path.name} does not say which rule it mirrors")
    differs = " ".join((mirrors[2] or "").split())
    examples = re.findall(r"^(Fail|Pass):\n\n```(\w+)\n(.*?)^```", prose, re.DOTALL | re.MULTILINE)
    summary = prose.strip().splitlines()[0]
    return Policy(*shown, frameworks, resources, mirrors[1], differs, summary, path.name, tuple(examples))


def _single(values: list[Any]) -> str:
    """The one value all classes of a file agree on."""
    if len(set(values)) != 1:
        raise ValueError(f"one policy, several values: {values}")
    return str(values[0])


def readme(folder: Path) -> str:
    """The text of the policies' README."""
    found = policies(folder)
    names = _rule_names()
    lines = [_TOP, "| id | policy | severity | rule |", "|---|---|---|---|"]
    for one in found:
        rule = f"[{one.rule}]({_DOCS}/rules/{names[one.rule]}.md)"
        lines.append(f"| [{one.id}](#{one.id.lower()}) | {one.name} | {one.severity} | {rule} |")
    return "\n".join(lines) + "\n" + "".join(_section(one, names) for one in found)


def _rule_names() -> dict[str, str]:
    from pgconnlint.rules import catalogue

    return {one.rule.id: one.rule.name for one in catalogue()}


def _section(policy: Policy, names: dict[str, str]) -> str:
    relation = f"Differs from the rule: {policy.differs}." if policy.differs else "Says the same as the rule."
    lines = [
        "",
        f"## {policy.id}",
        "",
        f"**{policy.name}.** {policy.summary}",
        "",
        f"- file: `{policy.path}`, severity {policy.severity}",
        f"- frameworks: {', '.join(policy.frameworks)}",
        f"- resources: {', '.join(f'`{kind}`' for kind in policy.resources)}",
        f"- rule: [{policy.rule} {names[policy.rule]}]({_DOCS}/rules/{names[policy.rule]}.md). {relation}",
    ]
    for heading, language, text in policy.examples:
        lines += ["", f"{heading}s:" if heading == "Fail" else "Passes:", "", f"```{language}", text.rstrip(), "```"]
    return "\n".join(lines) + "\n"


_TOP = f"""# Checkov policies

Generated by `python -m pgconnlint.generate.policies policies/` from the policies themselves.

```
checkov -d . --external-checks-dir "$(pgconnlint policies path)"
```

Other ways to load them, suppression, and what Checkov's model cannot say: [docs/checkov.md]({_DOCS}/checkov.md).
A resource that a policy cannot judge (a value from a variable, a dynamic block) is neither passed nor failed.
"""
