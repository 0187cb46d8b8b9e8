"""How long the command takes to answer: `python benchmarks/startup.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15


def best(command: list[str]) -> float:
    """Milliseconds of the fastest run."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    """Print milliseconds, and how many times a bare start each is."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text("x = 1\n", "utf-8")
        tool = [sys.executable, "-m", "pgconnlint"]
        bare = best([sys.executable, "-c", "pass"])
        print(f"{'python -c pass':<28} {bare:>7.1f} ms")
        for name, command in (
            ("pgconnlint --version", [*tool, "--version"]),
            ("pgconnlint --help", [*tool, "--help"]),
            ("pgconnlint one-file-folder", [*tool, folder]),
        ):
            taken = best(command)
            print(f"{name:<28} {taken:>7.1f} ms  {taken / bare:.1f}x")


if __name__ == "__main__":
    main()
