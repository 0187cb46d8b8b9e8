"""Helm charts: read, rendered and understood."""

from __future__ import annotations

from pgconnlint.infra.helm.reader import read

__all__ = ["read"]
