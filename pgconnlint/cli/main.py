"""The command line: lazy commands, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from pgconnlint import __version__
from pgconnlint.errors import PgconnlintError

COMMANDS = {
    "check": ("pgconnlint.cli.check:check", "Look for what will exhaust PostgreSQL's connections (the default)."),
    "budget": ("pgconnlint.cli.budget:budget", "Show every server's budget: capacity against each demand."),
    "cache": ("pgconnlint.cli.about:cache", "Manage the cache of analysed files."),
    "completion": ("pgconnlint.cli.about:completion", "Print a completion script for your shell."),
    "config-schema": ("pgconnlint.cli.about:config_schema", "Print the JSON schema of the configuration."),
    "explain": ("pgconnlint.cli.about:explain", "Explain a rule, by id or by name."),
    "explain-model": (
        "pgconnlint.cli.model:explain_model",
        "Show what was understood of servers, poolers and clients.",
    ),
    "fix": ("pgconnlint.cli.fix:fix", "Correct what can be corrected safely."),
    "lsp": ("pgconnlint.cli.lsp:lsp", "Serve editors over the language server protocol."),
    "mcp": ("pgconnlint.cli.mcp:mcp", "Serve programs that write code over the Model Context Protocol."),
    "policies": ("pgconnlint.cli.about:policies", "Where the Checkov policies are."),
    "rules": ("pgconnlint.cli.about:rules", "List every rule."),
}
"""Name to (module:attribute, summary). Modules are imported when their command runs."""


class _Commands(click.Group):
    """Finds commands by name, imports only the one that runs, and takes `check` for granted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        entry = COMMANDS.get(name)
        if entry is None:
            return None
        module, _, attribute = entry[0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        completing = ctx.resilient_parsing and not args
        if not completing and first not in ("--help", "-h", "--version", "-V") and first not in COMMANDS:
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", prog_name="pgconnlint", message="%(prog)s %(version)s")
def cli() -> None:
    """Find, before it ships, what will exhaust PostgreSQL's connections.

    `pgconnlint PATHS` is short for `pgconnlint check PATHS`; `pgconnlint check --help` lists its options.
    Exit codes: 0 clean, 1 findings, 2 wrong use or configuration, 3 nothing found but not everything could be read.
    """


def main() -> None:
    """Run the command line and exit. An error is one line; `-v` adds the traceback."""
    import gc

    gc.set_threshold(50_000, 50, 100)  # many small long-lived values: a sixth less time, the same memory
    _speak_utf8()
    sys.exit(run(sys.argv[1:]))


def _speak_utf8() -> None:
    """Output is UTF-8 whatever the locale; names of files that are no text are escaped, never fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def run(arguments: list[str]) -> int:
    """The exit code of one command line."""
    try:
        code = cli.main(args=arguments, prog_name="pgconnlint", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except PgconnlintError as error:
        click.echo(f"pgconnlint: error: {error}", err=True)
        return 2
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last border: a user never sees a traceback unasked
        return _internal(error, arguments)


def _internal(error: Exception, arguments: list[str]) -> int:
    text = " ".join(str(error).split())[:300]
    click.echo(f"pgconnlint: internal error: {type(error).__name__}: {text} (-v shows where)", err=True)
    if {"-v", "--verbose"} & set(arguments):
        import traceback

        traceback.print_exception(error)
    return 2
