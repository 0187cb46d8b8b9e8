"""One project in the editor: its configuration, its contents, and what is known of it."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pgconnlint.budget.model import Budget
from pgconnlint.config import FILE_NAME, Config
from pgconnlint.engine import check, selected
from pgconnlint.errors import PgconnlintError
from pgconnlint.finding import FailureKind, Finding, Result
from pgconnlint.lsp import settings
from pgconnlint.lsp.buffers import Buffer
from pgconnlint.lsp.contents import Contents, View
from pgconnlint.lsp.remembering import Remembered
from pgconnlint.program.facts import Program
from pgconnlint.program.lowered import Store
from pgconnlint.project import Project
from pgconnlint.syntax.document import Document
from pgconnlint.syntax.languages import SOURCE, language_of

CONFIGURATIONS = (FILE_NAME, "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How a project is found and configured; given from outside, the same as on the command line.

    ``root_of``: the root that a path belongs to; ``configured``: its configuration, raises ConfigError;
    ``store``: the cache of analysed files.
    """

    root_of: Callable[[Path], Path]
    configured: Callable[[Path], Config]
    store: Callable[[Path], Store | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What was found in one text. ``by_whole``: it comes from an analysis of the whole project."""

    text: str
    findings: tuple[Finding, ...]
    by_whole: bool = True


@dataclass(frozen=True, slots=True)
class Inputs:
    """What facts were computed from: how often files on disk changed, and the open texts."""

    program: int
    program_texts: Mapping[str, str]
    rest: int
    rest_texts: Mapping[str, str]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What is known after an analysis. ``texts``: the open texts by path, as they were then."""

    project: Project
    result: Result
    texts: Mapping[str, str] = field(default_factory=dict)
    inputs: Inputs | None = None
    contents: Contents | None = None

    @property
    def program(self) -> Program:
        """Facts about source code as far as some rule asked for them: nothing is computed while the editor waits."""
        found: Program = vars(self.project).get("program") or Program()
        return found

    @property
    def budgets(self) -> tuple[Budget, ...]:
        return tuple(one for one in self.result.budgets if isinstance(one, Budget))


class Session:
    """Written by the analysing thread alone; the others read ``state`` and ``known``, whose entries are replaced."""

    def __init__(self, root: Path, surroundings: Surroundings, *, on_disk: bool = True) -> None:
        self.root = root
        self.on_disk = on_disk
        self._surroundings = surroundings
        self.config = Config()
        self.problem = ""  # what is wrong with the configuration
        self.state: State | None = None
        self.known: dict[str, Known] = {}
        self.good: dict[str, str] = {}  # by path of an open text: what it was when it could last be read
        self.clean: dict[str, tuple[str, bool]] = {}  # by path: a text, and whether it parses without errors
        self._broken: set[str] = set()
        self.store = Remembered(surroundings.store(root) if on_disk else None)
        self._load()

    def _load(self) -> None:
        """Read the configuration on disk."""
        self.problem = ""
        config = self.config
        try:
            if self.on_disk:
                config = self._surroundings.configured(self.root)
                selected(config.select, config.ignore)
        except PgconnlintError as error:  # the last configuration that could be read stays
            self.problem, config = str(error), self.config
        self._use(config)

    def _use(self, config: Config) -> None:
        self.config = config
        self.contents = Contents(self.root, self.config, on_disk=self.on_disk)

    def relative(self, path: Path) -> str | None:
        """The path as the project names it; None when it lies elsewhere."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else None

    def forget(self, paths: Iterable[Path], *, listing: bool) -> None:
        """Files changed on disk."""
        known = [one for path in paths if (one := self.relative(path)) is not None]
        if any(one in CONFIGURATIONS for one in known):
            self._load()
        self.contents.forget(known, listing=listing)

    def reconfigure(self, name: str, text: str) -> None:
        """Take the configuration from an open text; one that says nothing valid changes nothing."""
        config = settings.read(name, text)
        if config is not None and config != self.config:
            self.problem = ""
            self._use(config)

    def break_off(self, path: str, *, broken: bool) -> None:
        """Whether the open text at ``path`` can be read at present."""
        (self._broken.add if broken else self._broken.discard)(path)

    def analyse(
        self, buffers: Iterable[Buffer], checkpoint: Callable[[], None], progress: Callable[[str], None]
    ) -> State:
        """Look at the whole project with the open texts as they are; whatever ``checkpoint`` raises ends it.

        A text that cannot be read at present, being half typed, counts as it was when it could.
        """
        texts = {path: buffer.text for buffer in buffers if (path := self.relative(buffer.path)) is not None}
        for path in tuple(self.good):
            if path not in texts:
                del self.good[path]
                self.clean.pop(path, None)
        self._broken &= texts.keys()
        kept = {path: self.good[path] for path in self._broken if path in self.good}
        state = self._checked({**texts, **kept}, self.state, checkpoint, progress)
        unread = {one.path for one in state.result.failures if one.kind is FailureKind.SYNTAX}
        half_typed = {path for path in texts if path in unread and self.good.get(path, texts[path]) != texts[path]}
        if half_typed - kept.keys():
            kept.update({path: self.good[path] for path in half_typed})
            state = self._checked({**texts, **kept}, state, checkpoint, progress)
        self.good.update({path: text for path, text in texts.items() if path not in kept and path not in unread})
        self._keep(state)
        self.store.writing = False
        return state

    def _checked(
        self,
        texts: dict[str, str],
        before: State | None,
        checkpoint: Callable[[], None],
        progress: Callable[[str], None],
    ) -> State:
        view = View(self.contents, {path: encoded(text) for path, text in texts.items()}, checkpoint)
        project = Project(view, self.config, cache=self.store)
        inputs = self._read_from(project, texts)
        if before is not None and before.inputs is not None and before.contents is self.contents:
            _reuse(project, inputs, before.project, before.inputs)
        try:
            result = check(project, progress=progress)
        except PgconnlintError as error:  # a selector of `per-file-ignores` that names no rule
            self.problem = str(error)
            result = self.state.result if self.state is not None else Result()
        view.finish()
        return State(project, result, texts, inputs, self.contents)

    def _read_from(self, project: Project, texts: Mapping[str, str]) -> Inputs:
        return Inputs(
            self.contents.changes(of_program), {path: text for path, text in texts.items() if of_program(path)},
            self.contents.changes(of_infrastructure), {p: text for p, text in texts.items() if of_infrastructure(p)},
            project.files.paths,
        )  # fmt: skip

    def _keep(self, state: State) -> None:
        found: dict[str, list[Finding]] = {}
        for finding in state.result.findings:
            found.setdefault(finding.location.path, []).append(finding)
        self.known = {path: Known(text, tuple(found.get(path, ()))) for path, text in state.texts.items()}
        self.state = state

    def text(self, path: str) -> str | None:
        """The text of a file of the project, open or not; None when there is none."""
        if self.state is None or path not in self.state.project.files:
            return None
        if path in self.state.texts:
            return self.state.texts[path]
        document = self.state.project.document(path)
        return document.text if document is not None else None

    def document(self, path: str, text: str) -> Document:
        """An open text as a document."""
        return Document(path, language_of(path) or "text", text)

    def learn(self, path: str, text: str, findings: Iterable[Finding]) -> None:
        """What a quick look at one text found."""
        self.known = {**self.known, path: Known(text, tuple(findings), by_whole=False)}


def _reuse(project: Project, inputs: Inputs, old: Project, before: Inputs) -> None:
    """Take over the facts of files that are as they were: source code and infrastructure are read apart."""
    if before.paths != inputs.paths:
        return
    same_program = (before.program, before.program_texts) == (inputs.program, inputs.program_texts)
    same_rest = (before.rest, before.rest_texts) == (inputs.rest, inputs.rest_texts)
    if same_program and "program" in vars(old):
        vars(project)["program"] = old.program
    if same_rest and "infrastructure" in vars(old):
        vars(project)["infrastructure"] = old.infrastructure
    for failure in old.files.failures:
        if (same_program and is_source(failure.path)) or (same_rest and not is_source(failure.path)):
            project.files.fail(failure)


def encoded(text: str) -> bytes:
    """The text as bytes that are read back as UTF-8 whatever a cookie in it says."""
    body = text.removeprefix("\ufeff").encode("utf-8", "replace")
    return body if text.isascii() else codecs.BOM_UTF8 + body


def is_source(path: str) -> bool:
    return language_of(path) in SOURCE


def of_program(path: str) -> bool:
    """Whether facts about source code may come from a file: from code, or from what resolves its imports."""
    return is_source(path) or language_of(path) in ("json", "toml")


def of_infrastructure(path: str) -> bool:
    return not is_source(path)
