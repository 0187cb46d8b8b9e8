"""Speed and memory of a scan: `python benchmarks/scan.py [PATH]`; without a path, of a generated tree."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tree

RUNS = 5


def main() -> None:
    """Print one table row for each kind of run."""
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        tree.write(Path(folder))
        measure(Path(folder))


def measure(root: Path) -> None:
    """Scan ``root`` with all rules on: cold, with the cache just written, and in one process; RUNS times each."""
    numbers = f"{'median s':>9} {'p95 s':>7} {'files/s':>9} {'MB/s':>7} {'peak MB':>8}"
    print(f"{'run':<22} {numbers} {'files':>7} {'analysed':>9} {'findings':>9}")
    with tempfile.TemporaryDirectory() as cache:
        for name, options in (
            ("cold", ()),
            ("warm (cached)", ()),
            ("no cache, 1 process", ("--no-cache", "--workers", "1")),
        ):
            print(_row(name, root, options, cache))


def _row(name: str, root: Path, options: tuple[str, ...], cache: str) -> str:
    command = [sys.executable, "-m", "pgconnlint", str(root), "--format", "json", "--exit-zero", *options]
    taken, report = [], {}
    for run in range(RUNS):
        folder = str(Path(cache) / f"{run}") if name == "cold" else str(Path(cache) / "0")
        start = time.perf_counter()
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PGCONNLINT_CACHE_DIR": folder}
        )
        taken.append(time.perf_counter() - start)
        if not done.stdout:
            sys.exit(done.stderr)
        report = json.loads(done.stdout)
    summary = report["summary"]
    size = sum(_size(root, directory, names) for directory, _, names in os.walk(root) if "/.git" not in directory)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    median, high = statistics.median(taken), statistics.quantiles(taken, n=20, method="inclusive")[-1]
    return (
        f"{name:<22} {median:>9.2f} {high:>7.2f} {summary['files'] / median:>9,.0f} {size / 1e6 / median:>7.2f} "
        f"{peak:>8.0f} {summary['files']:>7,} {summary['analysed']:>9,} {len(report['findings']):>9,}"
    )


def _size(root: Path, directory: str, names: list[str]) -> int:
    paths = (os.path.join(directory, name) for name in names)
    return sum(os.path.getsize(path) for path in paths if os.path.isfile(path))


if __name__ == "__main__":
    main()
