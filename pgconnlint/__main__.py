"""`python -m pgconnlint` and the `pgconnlint` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Answer `--version` at once; everything else belongs to the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from pgconnlint import __version__

        print(f"pgconnlint {__version__}")
        return
    from pgconnlint.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
