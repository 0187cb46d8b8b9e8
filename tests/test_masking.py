"""What is a secret, and what only looks like one."""

from __future__ import annotations

import pytest

from pgconnlint.masking import mask, mask_keeping_length


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("DATABASE_URL=postgres://u:hunter2@h/db", "DATABASE_URL=postgres://u:***@h/db"),
        ("postgres://app:p@ss/w@host/db", "postgres://app:***@host/db"),
        ('password = "two words"', 'password = "***"'),
        ("password: s3cret", "password: ***"),
        ("PGPASSWORD=abc psql", "PGPASSWORD=*** psql"),
        ('"host=x password=hunter2 dbname=y"', '"host=x password=*** dbname=y"'),
        ("db = host=1 password=hunter2 x=1", "db = host=1 password=*** x=1"),
        ('connect(host="db", password="hunter2")', 'connect(host="db", password="***")'),
        ("api_key: 'abc'", "api_key: '***'"),
    ],
)
def test_secrets_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked
    assert len(mask_keeping_length(text)) == len(text)
    assert mask(mask_keeping_length(text)) == masked


@pytest.mark.parametrize(
    "text",
    [
        "password = var.db_password",
        'x = os.environ["PASSWORD"]',
        "password=password",
        "connect(password=pw)",
        "postgres://u:${PW}@h",
        "postgres://u:%(pw)s@h",
        "password = await getSecret()",
        "password: str = None",
        "token_count = 5",
        "http://h:8080/a@b",
        "if password == other:",
    ],
)
def test_references_are_not(text: str) -> None:
    assert mask(text) == text
    assert mask_keeping_length(text) == text
