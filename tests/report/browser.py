"""A real Chromium without a window, over its debugging pipe: keys, sizes, the accessibility tree, printing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Send = Callable[..., dict[str, Any]]

_KEYS = {"Tab": (9, "Tab"), "ArrowRight": (39, ""), "ArrowLeft": (37, ""), "End": (35, ""), " ": (32, " ")}


@contextmanager
def page(browser: str, file: Path, folder: Path) -> Iterator[Send]:
    """A loaded page; what is yielded sends one command of the DevTools protocol and returns its result."""
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    command = [
        "bash", "-c", f'exec "$@" 3<&{to_read} 4>&{from_write}', "browser", browser, "--headless", "--no-sandbox",
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}",
        "--remote-debugging-pipe", "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(command, pass_fds=(to_read, from_write), stderr=subprocess.DEVNULL)
    os.close(to_read)
    os.close(from_write)
    try:
        with os.fdopen(to_write, "wb", buffering=0) as out, os.fdopen(from_read, "rb") as back:
            send = _sender(out, back)
            targets = send("Target.getTargets")["targetInfos"]
            target = next(one["targetId"] for one in targets if one["type"] == "page")
            session = send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            spoken = _sender(out, back, session)
            spoken("Page.enable")
            spoken("Page.navigate", url=file.as_uri())
            for _ in range(200):
                if evaluate(spoken, "document.readyState") == "complete" and evaluate(spoken, "!!window.pgconnlint"):
                    break
            yield spoken
            with suppress(OSError, EOFError):
                send("Browser.close")
    finally:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _sender(out: Any, back: Any, session: str | None = None) -> Send:
    count = 0

    def send(method: str, **parameters: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        number = count if session is None else 1_000_000 + count
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(_message(back))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    return send


def _message(back: Any) -> bytes:
    found = bytearray()
    while (byte := back.read(1)) not in (b"\0", b""):
        found += byte
    if not found:
        raise EOFError("the browser has gone")
    return bytes(found)


def evaluate(send: Send, expression: str) -> Any:
    """The value of a JavaScript expression in the page."""
    return send("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")


def press(send: Send, *keys: str) -> None:
    """Keys, one after another, as the keyboard sends them."""
    for key in keys:
        code, _ = _KEYS[key]
        event = {"key": key, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code}
        send("Input.dispatchKeyEvent", type="rawKeyDown", **event)
        if key == " ":
            send("Input.dispatchKeyEvent", type="char", text=" ", key=key)
        send("Input.dispatchKeyEvent", type="keyUp", **event)
