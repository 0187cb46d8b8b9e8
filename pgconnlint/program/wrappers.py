"""The user's own wrappers from the configuration, as rows beside those of the drivers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pgconnlint.config import Driver
from pgconnlint.program.drivers import Tables
from pgconnlint.program.drivers.row import Kind, Leaving, Operation
from pgconnlint.program.modules import Modules
from pgconnlint.program.types import FunctionId


def extended(tables: Tables, drivers: Iterable[Driver]) -> Tables:
    """The tables with a kind for every configured driver and its functions under their qualified names."""
    kinds, functions, methods = dict(tables.kinds), dict(tables.functions), dict(tables.methods)
    for driver in drivers:
        kind = _kind(driver)
        kinds[kind.id] = kind
        methods.update({(kind.id, one.name): one for one in kind.methods})
        for name in driver.acquires:
            functions[name] = _acquiring(driver, name)
        for name in driver.releases:
            if not name.startswith("."):
                functions[name] = Operation(name, releases="argument", safe=True)
    return replace(tables, kinds=kinds, functions=functions, methods=methods)


def _kind(driver: Driver) -> Kind:
    methods = tuple(Operation(name[1:], releases="self", safe=True) for name in driver.releases if name.startswith("."))
    function = next((name for name in driver.releases if not name.startswith(".")), "")
    idiom = f"{function.replace(':', '.').rpartition('.')[2]}({{value}})" if function else ""
    if methods:
        idiom = f"{{value}}.{methods[0].name}()"
    leaving = Leaving.CLOSES if driver.context_manager else Leaving.UNSUPPORTED
    name = f"config.{driver.name}"
    return Kind(name, driver.name, "python", "connection", methods=methods, release=idiom, leaving=leaving)


def _acquiring(driver: Driver, name: str) -> Operation:
    return Operation(name, returns=f"config.{driver.name}", acquires=True, manager=driver.context_manager)


def wrapped(drivers: Iterable[Driver], tables: Tables, modules: Modules) -> Mapping[FunctionId, Operation]:
    """Functions of this project that the configuration names: "app.db.get_conn", "src/db.ts:getClient"."""
    found: dict[FunctionId, Operation] = {}
    for driver in drivers:
        for name in (*driver.acquires, *driver.releases):
            if name.startswith("."):
                continue
            path, colon, function = name.rpartition(":")
            if not colon:
                file, function = modules.python("", name)
                path = file or ""
            if path in modules.modules and function:
                found[path, function] = tables.functions[name]
    return found
