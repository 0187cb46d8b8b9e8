"""Reader of Terraform and OpenTofu: evaluates root modules and says what they declare."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """What Terraform files among ``files`` declare, one stack (root module and variable set) after the other."""
    from pgconnlint.infra.reading import add
    from pgconnlint.infra.terraform.configuration import is_configuration
    from pgconnlint.infra.terraform.plan import overlaid
    from pgconnlint.infra.terraform.plan import read as read_plans

    plans = read_plans(files)
    if not plans and not any(is_configuration(path) or path.endswith("terragrunt.hcl") for path in files.paths):
        return Infrastructure()
    from pgconnlint.infra.terraform.declarations import declare
    from pgconnlint.infra.terraform.reader import Reader

    stacks = overlaid(list(Reader(files).stacks()), plans)
    return add(declare(stack, files) for stack in stacks)
