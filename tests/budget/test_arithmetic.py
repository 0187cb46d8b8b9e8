"""The normative formulas, with the incident's numbers and the measured pooler."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgconnlint.budget.arithmetic import (
    PoolLine,
    capacity_slots,
    gate_slots,
    largest_max_connections,
    pooler_process_connections,
    restart_pods,
    rollout_pods,
    server_memory_bytes,
    surge_pods,
)


def test_the_incident() -> None:
    capacity = capacity_slots(100, 3, 0, 0)
    assert (capacity, gate_slots(capacity, 0.8)) == (97, 77)
    assert gate_slots(capacity, 0.8) < 50 * 5


def test_the_cure() -> None:
    assert pooler_process_connections([PoolLine(20, 5)]) == 25
    assert gate_slots(capacity_slots(50, 3, 0, 0), 0.8) == 37


def test_pooler_as_measured() -> None:
    assert pooler_process_connections([PoolLine(2, 0, users=3), PoolLine(2, 0, users=3)]) == 12
    assert pooler_process_connections([PoolLine(2, 1, users=3), PoolLine(2, 1, users=3)]) == 18
    assert pooler_process_connections([PoolLine(2, 1, users=3, max_db_connections=3)]) == 3


@pytest.mark.parametrize(("pods", "extra"), [(1, 1), (2, 1), (4, 1), (5, 2), (0, 0)])
def test_default_surge_is_a_quarter_rounded_up(pods: int, extra: int) -> None:
    assert surge_pods(pods, None) == extra


@pytest.mark.parametrize(("surge", "extra"), [(2, 2), ("2", 2), ("50%", 5), ("0%", 0), (0, 0), ("33%", 4)])
def test_surge_as_written(surge: int | str, extra: int) -> None:
    assert surge_pods(10, surge) == extra


def test_rollout_by_strategy() -> None:
    assert rollout_pods(10, "RollingUpdate", "30%") == 13
    assert rollout_pods(10, "Recreate", "30%") == 10
    assert rollout_pods(10, "BlueGreen", None) == 20
    assert restart_pods(10) == 20


@given(st.integers(0, 10_000), st.integers(0, 100))
def test_surge_never_loses_pods(pods: int, percent: int) -> None:
    assert surge_pods(pods, f"{percent}%") * 100 >= pods * percent
    assert rollout_pods(pods, "RollingUpdate", f"{percent}%") >= pods


@given(st.integers(0, 10**12), st.integers(0, 10**11))
def test_largest_max_connections_fits(memory: int, buffers: int) -> None:
    most = largest_max_connections(memory, buffers, 5_242_880)
    assert most == 0 or server_memory_bytes(most, buffers, 5_242_880) <= memory
    assert server_memory_bytes(most + 1, buffers, 5_242_880) > memory
