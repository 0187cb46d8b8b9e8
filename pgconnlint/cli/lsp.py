"""`pgconnlint lsp`: the language server, over standard input and output or on this machine's own address."""

from __future__ import annotations

import os
import sys

import click

from pgconnlint.errors import UsageError


@click.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output (the default).")
@click.option("--tcp", type=click.IntRange(1, 65535), metavar="PORT", help="Listen on this port of 127.0.0.1 instead.")
def lsp(stdio: bool, tcp: int | None) -> None:
    """Serve editors over the language server protocol."""
    from importlib.util import find_spec

    from pgconnlint.cli.caching import cache_for
    from pgconnlint.cli.targets import configured, root_of

    if stdio and tcp is not None:
        raise UsageError("`--stdio` and `--tcp` exclude each other")
    if find_spec("pygls") is None:
        raise UsageError("the language server needs `pip install 'pgconnlint[lsp]'`")
    from pgconnlint.lsp.server import create
    from pgconnlint.lsp.session import Surroundings

    server = create(Surroundings(root_of, configured, cache_for))
    if tcp is None:
        out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        sys.stdout = sys.stderr  # nothing but the protocol may be written where the editor reads
        server.start_io(sys.stdin.buffer, out)
    else:
        server.start_tcp("127.0.0.1", tcp)
