"""The `helm` program, where it is installed: charts that the built-in renderer gives up on.

It runs on a copy of the chart in a folder of its own, with the values given and nothing of the user's: no cluster, no
repositories, no plugins, no schema. The network is not needed: dependencies count only where the chart brings them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

SECONDS = 20
"""After this helm is stopped. The built-in renderer's own limits count steps; helm has none."""

MOST_BYTES = 8_000_000
_LEFT_OUT = frozenset({"values.schema.json"})  # may name schemas on other machines


class RenderingError(Exception):
    """helm did not render the chart; the message says why."""


class Helm:
    """Charts rendered by one `helm` program."""

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def found(cls) -> Helm | None:
        """The helm of PATH, or None."""
        program = shutil.which("helm")
        return cls(program) if program is not None else None

    def __call__(self, files: Mapping[str, bytes], name: str, namespace: str, values: str) -> str:
        """The manifests of a chart, as `helm template` prints them, with a `# Source:` line for each template.

        ``files`` by their paths within the chart, ``values`` as YAML. Raises RenderingError.
        """
        if sum(len(content) for content in files.values()) > MOST_BYTES:
            raise RenderingError("the chart is too large for helm")
        with tempfile.TemporaryDirectory(prefix="pgconnlint-helm-") as made:
            folder = Path(made)
            for path, content in files.items():
                inner = PurePosixPath(path)
                if inner.name in _LEFT_OUT or inner.is_absolute() or ".." in inner.parts:
                    continue
                target = folder / "chart" / inner
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            (folder / "given.yaml").write_text(values, "utf-8")
            return self._run(folder, name, namespace)

    def _run(self, folder: Path, name: str, namespace: str) -> str:
        command = [self._program, "template", name, "chart", "--namespace", namespace, "--values", "given.yaml"]
        own = {f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA")}
        surroundings = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "KUBECONFIG": os.devnull, **own}
        surroundings["HELM_PLUGINS"] = str(folder / "plugins")
        try:
            done = subprocess.run(
                command, cwd=folder, env=surroundings, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RenderingError(f"helm needs more than {SECONDS} seconds") from None
        except OSError as error:
            raise RenderingError(f"helm cannot be run: {error.strerror}") from None
        if done.returncode != 0:
            first = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise RenderingError(first[0].replace(str(folder), "")[:300] if first else "helm failed")
        return done.stdout.decode("utf-8", "replace")
