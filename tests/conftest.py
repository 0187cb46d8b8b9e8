"""With PGCONNLINT_NO_SKIPS=1 (continuous integration) a skipped test is a failed one; what cannot be had is named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure that says which component was missing."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("PGCONNLINT_NO_SKIPS") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not be skipped here: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What no package index has, and so `make test` cannot install: said at the end of every run."""
    if shutil.which("helm") is None:
        terminalreporter.write_line("helm is not installed: rendering by the real helm is NOT tested here")
