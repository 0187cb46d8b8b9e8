"""Errors of use and configuration: the only exceptions that leave the library."""

from __future__ import annotations


class PgconnlintError(Exception):
    """Base of everything a caller may want to catch. The command line exits with 2."""


class UsageError(PgconnlintError):
    """A path, an option or a revision that cannot be used as given."""


class ConfigError(PgconnlintError):
    """A configuration file that cannot be used; the message names file, key and nearest key."""
