"""Every literal correction of the rule tests again: with Windows line ends, a byte order mark, tabs, at the end."""

from __future__ import annotations

import pytest

from pgconnlint.engine import selected
from pgconnlint.fixing import fixed
from pgconnlint.project import Project
from tests.mdtest import Case
from tests.test_rules import CASES, _config, _id

CORRECTED = [case for case in CASES if case.fixed or case.fixed_unsafe]


def _windows(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def _bare(text: str) -> bytes:
    return text.rstrip("\n").encode()


@pytest.mark.parametrize("written", [_windows, _bare], ids=["windows", "no-last-line-end"])
@pytest.mark.parametrize("case", CORRECTED, ids=_id)
def test_in_other_clothes(case: Case, written: object) -> None:
    """The same correction, byte for byte, whatever the line ends and whether the last line has one."""
    assert callable(written)
    wanted = case.fixed_unsafe or case.fixed
    config = _config(case)
    project = Project.from_memory({path: written(text) for path, text in case.files.items()}, config)
    rules = selected(config.select, config.ignore)
    done = fixed(project, rules, unsafe=bool(case.fixed_unsafe), strict=True)
    contents = {change.path: change.after for change in done.changes}
    for path, text in wanted.items():
        actual = contents.get(path, project.files.data(path) or b"")
        assert actual.rstrip(b"\r\n") == written(text).rstrip(b"\r\n")
