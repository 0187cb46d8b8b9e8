"""The JavaScript driver tables hang together."""

from __future__ import annotations

import pytest

from pgconnlint.program.drivers import tables
from pgconnlint.program.drivers.row import Kind, Operation

TABLES = tables()
KINDS = [kind for kind in TABLES.kinds.values() if kind.language == "javascript"]
FUNCTIONS = sorted({name for name in TABLES.functions if ":" in name})


def _operations(kind: Kind) -> list[Operation]:
    return [*kind.methods, *([kind.factory] if kind.factory else [])]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_kinds_name_their_source_and_existing_kinds(kind: Kind) -> None:
    assert kind.source
    for operation in _operations(kind):
        named = (operation.returns, *operation.callback_kinds)
        assert all(one in TABLES.kinds for one in named if one and one != "self"), operation
    assert all(one in TABLES.kinds for one in kind.fields.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_return_existing_kinds(name: str) -> None:
    operation = TABLES.functions[name]
    assert operation.returns is None or operation.returns in TABLES.kinds


def test_what_is_acquired_can_be_released() -> None:
    acquired = {
        operation.returns
        for kind in KINDS
        for operation in _operations(kind)
        if operation.acquires and operation.returns
    }
    for id in sorted(acquired):
        kind = TABLES.kinds[id]
        assert kind.release, id
        by_itself = any(operation.releases or operation.ends for operation in kind.methods)
        by_owner = "{owner}" in kind.release
        assert by_itself or by_owner, id


@pytest.mark.parametrize(
    ("kind", "method", "returns"),
    [
        ("pg.Pool", "connect", "pg.PoolClient"),
        ("typeorm.DataSource", "createQueryRunner", "typeorm.QueryRunner"),
        ("sequelize.Sequelize", "transaction", "sequelize.Transaction"),
        ("knex.Knex", "transaction", "knex.Transaction"),
        ("postgres.Sql", "reserve", "postgres.ReservedSql"),
        ("pg-promise.Database", "connect", "pg-promise.Connected"),
        ("kysely.ControlledTransactionBuilder", "execute", "kysely.ControlledTransaction"),
        ("objection.Model", "startTransaction", "knex.Transaction"),
    ],
)
def test_acquisitions(kind: str, method: str, returns: str) -> None:
    operation = TABLES.method(kind, method)
    assert operation is not None
    assert operation.acquires
    assert operation.returns == returns
