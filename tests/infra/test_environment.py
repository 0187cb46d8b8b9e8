"""Environments by path."""

from __future__ import annotations

import pytest

from pgconnlint.infra.environment import environment_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.tf", ""),
        ("envs/prod/main.tf", "prod"),
        ("envs/prod.tfvars", "prod"),
        ("terraform.production.tfvars", "prod"),
        ("pre-prod.tfvars", "staging"),
        ("docker-compose.prod.yml", "prod"),
        ("docker-compose.override.yml", ""),
        ("k8s/overlays/eu-west/kustomization.yaml", "eu-west"),
        ("k8s/overlays/prod-eu/kustomization.yaml", "prod-eu"),
        ("k8s/overlays/base/x.yaml", ""),
        (".env.production", "prod"),
        (".env", ""),
        ("values-staging.yaml", "staging"),
        ("tests/data/a.tf", ""),
        ("live/eu-west-1/prod/db/terragrunt.hcl", "prod"),
        ("dev-tools/compose.yaml", ""),
        ("local/main.tf", ""),
    ],
)
def test_environment_of(path: str, expected: str) -> None:
    assert environment_of(path) == expected
