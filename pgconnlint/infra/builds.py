"""Which folder an image is built from, as pipelines and scripts say it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from pgconnlint.config import Config
from pgconnlint.infra.model import Build, Infrastructure
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.files import Files

_COMMAND = re.compile(r"\b(?:docker|podman|nerdctl)\s+(?:buildx\s+|image\s+)?build\b(?P<rest>(?:[^\n\\;&|]|\\\n|\\.)*)")
_ACTION = re.compile(r"docker/build-push-action@[^\n]*\n(?P<body>(?:[^\n]*\n){1,25})")
_KEY = r"^[ \t]*(?:- )?{}:[ \t]*[\"']?(?P<value>[^\n\"'#]+)"
_SKAFFOLD = re.compile(
    r"^[ \t]*- image:[ \t]*(?P<image>\S+)[^\n]*\n(?P<body>(?:[ \t]+(?!- image)[^\n]*\n?){0,12})", re.MULTILINE
)
_TILT = re.compile(r"docker_build\(\s*[\"'](?P<image>[^\"']+)[\"']\s*,\s*[\"'](?P<context>[^\"']+)[\"'](?P<rest>[^)]*)")
_HINT = re.compile(r"\bbuild\b|build-push-action|docker_build")


def read(files: Files, config: Config) -> Infrastructure:
    """Builds told by GitHub workflows, GitLab and cloud pipelines, Skaffold, Tilt and shell scripts."""
    return Infrastructure(builds=tuple(one for path in _candidates(files) for one in _of(path, files)))


def _candidates(files: Files) -> list[str]:
    return [path for path in files.paths if _is_pipeline(path)]


def _is_pipeline(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    if path.startswith(".github/workflows/") or name in (".gitlab-ci.yml", "Makefile", "Tiltfile", "Jenkinsfile"):
        return True
    if re.fullmatch(r"(skaffold|cloudbuild|buildspec|azure-pipelines|bitbucket-pipelines)[\w.-]*\.ya?ml", name):
        return True
    return name.endswith(".sh") and re.search(r"build|deploy|push|docker|release|image", name) is not None


def _of(path: str, files: Files) -> Iterator[Build]:
    document = files.document(path, "text") if not path.endswith((".yml", ".yaml", ".sh")) else files.document(path)
    if document is None or not _HINT.search(document.text):
        return
    yield from _commands(document)
    yield from _actions(document)
    if "skaffold" in path:
        yield from _skaffold(document)
    if path.endswith("Tiltfile"):
        yield from _tilt(document)


def _commands(document: Document) -> Iterator[Build]:
    for found in _COMMAND.finditer(document.text):
        try:
            words = shlex.split(found["rest"].replace("\\\n", " "))
        except ValueError:
            continue
        tags, dockerfile, context = [], None, None
        index = 0
        while index < len(words):
            word = words[index]
            value = words[index + 1] if index + 1 < len(words) else ""
            if word in ("-t", "--tag"):
                tags.append(value)
                index += 1
            elif word in ("-f", "--file"):
                dockerfile = value
                index += 1
            elif "=" in word and word.startswith("--"):
                key, _, value = word.partition("=")
                tags += [value] if key == "--tag" else []
                dockerfile = value if key == "--file" else dockerfile
            elif word.startswith("-"):
                index += 1 if word in _WITH_VALUE else 0
            else:
                context = word
            index += 1
        yield from _builds(tags, context, dockerfile, document, found.start())


_WITH_VALUE = frozenset({
    "--build-arg", "--target", "--platform", "--cache-from", "--cache-to", "--label", "--network", "--secret",
    "--progress", "--output", "-o", "--add-host", "--memory", "-m",
})  # fmt: skip


def _actions(document: Document) -> Iterator[Build]:
    for found in _ACTION.finditer(document.text):
        body = found["body"].split("\n      - ")[0]
        context = _value("context", body) or "."
        listed = re.search(r"^([ \t]*)tags:[ \t]*[|>]?[-+]?[ \t]*([^\n]*)\n((?:\1[ \t]+[^\n]*\n)*)", body, re.MULTILINE)
        tags = f"{listed[2]}\n{listed[3]}".replace(",", "\n").split("\n") if listed else []
        yield from _builds(tags, context, _value("file", body), document, found.start())


def _value(key: str, body: str) -> str | None:
    found = re.search(_KEY.format(key), body, re.MULTILINE)
    return found["value"].strip() if found else None


def _skaffold(document: Document) -> Iterator[Build]:
    for found in _SKAFFOLD.finditer(document.text):
        body = found["body"]
        context = _value("context", body) or "."
        dockerfile = _value("dockerfile", body)
        folder = dirname(document.path)
        path = join(context, dockerfile) if dockerfile else None
        yield from _builds(
            [found["image"]], join(folder, context), path and join(folder, path), document, found.start()
        )


def _tilt(document: Document) -> Iterator[Build]:
    folder = dirname(document.path)
    for found in _TILT.finditer(document.text):
        named = re.search(r"dockerfile\s*=\s*[\"']([^\"']+)", found["rest"])
        path = join(folder, named[1]) if named else None
        yield from _builds([found["image"]], join(folder, found["context"]), path, document, found.start())


def _builds(
    tags: list[str], context: str | None, dockerfile: str | None, document: Document, start: int
) -> Iterator[Build]:
    """A build for each tag whose name can be told; contexts that are variables say nothing."""
    if context is None or "$" in context or "://" in context:
        return
    folder = normpath(context)
    path = None if not dockerfile or "$" in dockerfile else normpath(dockerfile)
    for tag in tags:
        name = re.sub(r"\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\w+|\$\([^)]*\)", "", tag.strip().strip("\"'"))
        name = re.sub(r"[@:][^/]*$", "", name).strip("/ -").rsplit("/", 1)[-1].lower()
        if re.fullmatch(r"[a-z0-9][\w.-]*", name):
            yield Build(name, "" if folder == "." else folder, document.at(start, start + 5), path)
