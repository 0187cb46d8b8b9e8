"""What-if and suggestions: the same arithmetic, proven on the shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgconnlint.budget import whatif
from pgconnlint.budget.model import Budget, Phase
from pgconnlint.budget.suggestions import fits, suggest
from pgconnlint.config import Config
from pgconnlint.errors import UsageError
from pgconnlint.project import Project
from tests.report.test_budget_html import POOL, STACK

SHOP = Path(__file__).parents[2] / "examples" / "too-many-clients"


def _stack() -> Budget:
    files = {"stack.yaml": STACK.replace("</script>", ""), "api/db.js": POOL}
    return Project.from_memory(files).budgets[0]


def _shop() -> Budget:
    return Project.from_disk(SHOP, Config(), workers=1).budgets[0]


def test_other_numbers_are_computed_the_same_way() -> None:
    changed = whatif.apply(_stack(), whatif.read(["replicas=3", "pool=10", "workers=2", "max_connections=50"]))
    assert changed.total(Phase.PEAK) == 3 * 2 * 10
    assert changed.total(Phase.ROLLOUT) == 4 * 2 * 10
    assert (changed.server.capacity, changed.gate) == (47, 37)


def test_a_pooler_replaces_the_direct_clients() -> None:
    changed = whatif.apply(_stack(), whatif.read(["pooler=transaction"]))
    assert changed.total(Phase.RESTART) == 25
    assert [demand.through for demand in changed.pooled] == ["a new PgBouncer"]


@pytest.mark.parametrize("word", ["pods=3", "pool", "pool=many", "pooler=session"])
def test_words_that_cannot_be_read_are_named(word: str) -> None:
    with pytest.raises(UsageError, match=word.split("=")[0]):
        whatif.read([word])


def test_every_suggestion_fits() -> None:
    for budget in (_stack(), _shop()):
        found = suggest(budget)
        assert found
        assert all(fits(one.after) for one in found)
        assert all("transaction pooling" in one.check_first for one in found if one.changes.pooler)


def test_the_shop_is_told_to_use_the_pooler_it_has() -> None:
    titles = [one.title for one in suggest(_shop())]
    assert any("`orders` through the pooler" in title for title in titles)
    assert not any("max_connections" in title for title in titles)  # 4 GB do not carry it


def test_nothing_is_suggested_where_everything_fits() -> None:
    assert suggest(whatif.apply(_stack(), whatif.read(["replicas=2"]))) == []
