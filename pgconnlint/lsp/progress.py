"""The first scan of a project, shown where the editor shows work that takes a while."""

from __future__ import annotations

import asyncio
import uuid

from lsprotocol import types
from pygls.lsp.server import LanguageServer


class FirstScan:
    """At most one at a time; nothing is sent to editors that did not say they want to know."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._token: str | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, name: str) -> None:
        window = self._server.client_capabilities.window
        if self._token is None and window is not None and window.work_done_progress:
            self._token = str(uuid.uuid4())
            self._task = asyncio.ensure_future(self._begin(self._token, name))

    async def _begin(self, token: str, name: str) -> None:
        await self._server.work_done_progress.create_async(token)
        begin = types.WorkDoneProgressBegin(title=f"pgconnlint: looking at {name}", cancellable=False)
        self._server.work_done_progress.begin(token, begin)

    def report(self, stage: str) -> None:
        token = self._token
        if token is not None and self._task is not None and self._task.done():
            self._server.work_done_progress.report(token, types.WorkDoneProgressReport(message=stage))

    def end(self) -> None:
        token, task = self._token, self._task
        self._token = None
        if token is not None and task is not None:
            task.add_done_callback(lambda done: self._end(token, done))

    def _end(self, token: str, done: asyncio.Task[None]) -> None:
        if not done.cancelled() and done.exception() is None:
            self._server.work_done_progress.end(token, types.WorkDoneProgressEnd())
