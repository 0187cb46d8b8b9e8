"""pgconnlint: finds what will exhaust PostgreSQL's connections before it ships."""

__version__ = "0.1.0"
