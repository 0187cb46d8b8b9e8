"""Parameter groups and other lists of name and value as a server's settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from pgconnlint.infra.resource import Known, Mapping, Resource, Sequence, Unknown, Value, text
from pgconnlint.infra.terraform.kinds import PARAMETER_GROUPS
from pgconnlint.infra.terraform.lookup import Lookup, blocks
from pgconnlint.text import Location


@dataclass
class Settings:
    """Settings by name, whether more may be set where we cannot read, and where a missing one belongs."""

    values: dict[str, Value] = field(default_factory=dict)
    complete: bool = True
    at: Location | None = None

    def over(self, below: Settings) -> Settings:
        """These settings on top of ``below``."""
        return Settings({**below.values, **self.values}, self.complete and below.complete, below.at or self.at)


def named(value: Value | None) -> Settings:
    """Settings of a list of `{name, value}` blocks or objects."""
    settings = Settings()
    if isinstance(value, Unknown) or (isinstance(value, Sequence | Mapping) and value.partial):
        settings.complete = False
    for entry in blocks(value):
        name = text(entry.get("name"))
        held = entry.get("value")
        if name is None:
            settings.complete = False
        elif held is not None:
            settings.values[name.lower()] = held
    if isinstance(value, Sequence) and any(not isinstance(item, Mapping) for item in value.items):
        settings.complete = False
    return settings


def mapped(value: Value | None) -> Settings:
    """Settings of a map of names to values."""
    match value:
        case Mapping(items=items, partial=partial):
            return Settings({name.lower(): held for name, held in items.items()}, not partial)
        case None:
            return Settings()
    return Settings(complete=False)


def of_group(group: Resource) -> Settings:
    """What an AWS parameter group sets."""
    settings = named(group.attributes.get("parameter"))
    settings.at = group.at
    return settings


def attached(value: Value | None, lookup: Lookup, near: Resource | None = None) -> tuple[Settings, Resource | None]:
    """The settings of the parameter group a resource names; incomplete when that group is not here."""
    if value is None or (isinstance(value, Known) and value.value in (None, "")):
        return Settings(), None
    group = lookup.target(value, PARAMETER_GROUPS, ("name",), near)
    if group is not None:
        return of_group(group), group
    written = text(value)
    # a default group holds nothing but the platform's own defaults
    return Settings(complete=written is not None and written.startswith("default.")), None
