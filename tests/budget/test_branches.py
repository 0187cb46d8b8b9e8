"""What a start script runs in a container whose variables and arguments choose among its branches."""

from __future__ import annotations

import pytest

from pgconnlint.budget.branches import taken
from pgconnlint.infra.commands import Word
from pgconnlint.infra.resource import Known, Unknown, Value
from pgconnlint.text import Location, Position, Span
from tests.budget.stacks import budgets, compose, sums

AT = Location("start.sh", Position(1, 1), Position(1, 1), Span(0, 0))
BY_MODE = """#!/bin/bash
ready() {
python << END
if True:
    connect()
END
}
until ready; do
  sleep 1
done
if [ "${MODE:-web}" = "worker" ]; then
  exec bash ./worker.sh
elif [ "${MODE:-web}" = "flower" ]; then
  exec bash ./flower.sh
else
  exec bash ./web.sh
fi
"""
BY_ARGUMENT = """case "$1" in
  web|api) exec gunicorn app ;;
  worker)
    exec celery -A app worker
    ;;
  *)
    exec "$@"
    ;;
esac
"""


def _run(script: str, environment: dict[str, Value] | None = None, *arguments: str | None) -> list[str]:
    words = [Word(one, AT) for one in arguments]
    return [line for line in taken(script, environment or {}, words, AT).split("\n") if "exec" in line]


def test_a_variable_chooses() -> None:
    assert _run(BY_MODE) == ["exec bash ./web.sh"]
    assert _run(BY_MODE, {"MODE": Known("worker", AT)}) == ["exec bash ./worker.sh"]
    assert _run(BY_MODE, {"MODE": Known("flower", AT)}) == ["exec bash ./flower.sh"]


def test_what_cannot_be_told_stays() -> None:
    every = ["exec bash ./worker.sh", "exec bash ./flower.sh", "exec bash ./web.sh"]
    assert _run(BY_MODE, {"MODE": Unknown("secret", AT)}) == every
    assert _run(BY_MODE.replace(":-web", "")) == every
    assert len(_run(BY_ARGUMENT, {}, None)) == 3


def test_the_first_argument_chooses() -> None:
    assert _run(BY_ARGUMENT, {}, "api") == ["exec gunicorn app"]
    assert _run(BY_ARGUMENT, {}, "worker") == ["exec celery -A app worker"]
    assert _run(BY_ARGUMENT, {}, "bash", "-l") == ['exec "$@"']


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ('[ "$A" = yes ]', ["exec then"]),
        ('[[ "$A" == "yes" ]]', ["exec then"]),
        ('[ "$A" != "yes" ]', ["exec else"]),
        ('test "$A" = no', ["exec else"]),
        ('[ -n "$A" ]', ["exec then"]),
        ('[ -z "${A}" ]', ["exec else"]),
        ("[[ $A == y* ]]", ["exec then", "exec else"]),
        ('[ "$A" = yes ] && [ -f x ]', ["exec then", "exec else"]),
        ("[ -f /tmp/x ]", ["exec then", "exec else"]),
        ('[ "$(whoami)" = root ]', ["exec then", "exec else"]),
    ],
)
def test_conditions(condition: str, kept: list[str]) -> None:
    for script in (
        f"if {condition}; then exec then; else exec else; fi\n",
        f"if {condition}\nthen exec then\nelse\nexec else\nfi",
    ):
        assert _run(script, {"A": Known("yes", AT)}) == kept


def test_unbalanced_scripts_do_no_harm() -> None:
    for script in ("fi\nesac\nelse\nexec a", "if\nexec a", "case x in\nexec a", "elif x\nexec a", "if [ x\nexec a"):
        assert _run(script) in (["exec a"], [])


def test_each_service_of_one_image_runs_its_own_branch() -> None:
    django = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql_psycopg2', 'HOST': 'db'}}\n"
    services = "".join(
        f"  {name}:\n    build: .\n    depends_on: [db]\n    environment: {{MODE: {name}, DATABASE_URL: 'postgres://a@db/a'}}\n"
        for name in ("web", "worker")
    )
    files = {
        "docker-compose.yml": compose(services),
        "Dockerfile": 'FROM python:3.12\nCOPY . .\nENTRYPOINT ["./start.sh"]\n',
        "start.sh": BY_MODE,
        "web.sh": "gunicorn core.wsgi --workers 3\n",
        "worker.sh": "celery -A core worker -P gevent -c 50\n",
        "core/settings.py": django,
    }
    assert sums(files) == {"web": ["1 containers x 3 workers x 1 = 3"], "worker": ["1 containers x 50 = 50"]}


def test_who_has_ended_before_the_others_begin_is_no_client_beside_them() -> None:
    url = "    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"
    services = f"  setup:\n    build: .\n    command: node setup.js\n{url}"
    services += f"  api:\n    build: .\n    command: node api.js\n{url}"
    services += "    depends_on:\n      setup: {condition: %s}\n"
    pool = "const { Pool } = require('pg');\nconst pool = new Pool({ max: 4 });\n"
    files = {"setup.js": pool, "api.js": pool}
    ended = {"docker-compose.yml": compose(services % "service_completed_successfully"), **files}
    assert sums(ended) == {"api": ["1 containers x 4 = 4"]}
    begun = {"docker-compose.yml": compose(services % "service_started"), **files}
    assert sorted(sums(begun)) == ["api", "setup"]


def test_source_that_is_mounted_into_a_languages_own_image() -> None:
    services = "  back:\n    image: node:22-alpine\n    working_dir: /app\n    command: sh -c 'npm ci && npm run dev'\n"
    services += "    volumes: ['./backend:/app', '/app/node_modules']\n    depends_on: [db]\n"
    services += "  front:\n    image: node:22-alpine\n    working_dir: /app\n    volumes: ['./frontend:/app']\n"
    services += "    depends_on: [db]\n"
    files = {
        "docker-compose.yml": compose(services),
        "backend/db.js": "const { Pool } = require('pg');\nmodule.exports = new Pool({ max: 6 });\n",
        "frontend/page.js": "export default 1;\n",
    }
    assert sums(files) == {"back": ["1 containers x 6 = 6"]}


def test_programs_of_others_hold_connections_beside_their_pool() -> None:
    url = "    environment: {PGRST_DB_URI: 'postgres://a@db/a'%s}\n"
    services = f"  rest:\n    image: postgrest/postgrest:v12\n{url % ''}"
    off = url % ", PGRST_DB_CHANNEL_ENABLED: 'false'"
    quiet = f"  quiet:\n    image: postgrest/postgrest:v12\n{off}"
    exporter = "  watch:\n    image: prometheuscommunity/postgres-exporter\n"
    exporter += "    environment: {DATA_SOURCE_NAME: 'postgres://a@db/a'}\n"
    other = "  look:\n    image: bitnami/postgres-exporter\n"
    other += "    environment: {DATA_SOURCE_URI: 'db:5432/a?sslmode=disable'}\n"
    assert sums({"docker-compose.yml": compose(services + quiet + exporter + other)}) == {
        "look": ["1 containers x (1 + 1) = 2"],
        "rest": ["1 containers x (10 + 1) = 11"],
        "quiet": ["1 containers x 10 = 10"],
        "watch": ["1 containers x (1 + 1) = 2"],
    }


def test_django_under_asgi_is_not_counted_as_one() -> None:
    services = "  api:\n    build: .\n    command: daphne core.asgi:application\n"
    services += "    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"
    django = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': 'db'}}\n"
    [budget] = budgets({"docker-compose.yml": compose(services), "Dockerfile": "FROM x\n", "core/settings.py": django})
    assert "thread of its own" in budget.demands[0].factors[2].reason


def test_what_a_nest_module_is_given() -> None:
    services = "  api:\n    build: .\n    depends_on: [db]\n    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"
    module = "import { Module } from '@nestjs/common';\nimport { SequelizeModule } from '@nestjs/sequelize';\n"
    module += "@Module({ imports: [SequelizeModule.forRoot({ dialect: 'postgres', pool: { max: 7 } })] })\n"
    files = {"docker-compose.yml": compose(services), "src/app.module.ts": module + "export class AppModule {}\n"}
    assert sums(files) == {"api": ["1 containers x 7 = 7"]}
