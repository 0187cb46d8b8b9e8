"""Terragrunt units."""

from __future__ import annotations

from tests.infra.terraform_stacks import infrastructure

MODULE = """
variable "class" { default = "db.t3.micro" }
resource "aws_db_instance" "shop" {
  identifier     = "shop"
  engine         = "postgres"
  instance_class = var.class
}
"""
UNIT = """
include "root" {
  path = find_in_parent_folders()
}
terraform {
  source = "${get_repo_root()}/modules//db"
}
inputs = { name = "shop" }
"""


def test_a_default_holds_where_nothing_else_can_set_the_variable() -> None:
    files = {"modules/db/main.tf": MODULE, "live/prod/db/terragrunt.hcl": UNIT, "live/terragrunt.hcl": "locals {}\n"}
    (server,) = infrastructure(files)[0].servers
    assert (server.environment, server.memory_label) == ("prod", "db.t3.micro")


def test_a_default_is_unknown_where_a_parent_gives_inputs() -> None:
    parent = 'inputs = { class = "db.r5.large" }\n'
    files = {"modules/db/main.tf": MODULE, "live/prod/db/terragrunt.hcl": UNIT, "live/terragrunt.hcl": parent}
    (server,) = infrastructure(files)[0].servers
    assert (server.memory_label, server.default_max_connections) == ("", None)
