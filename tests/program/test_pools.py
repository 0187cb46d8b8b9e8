"""Pools and contexts as facts: what is read from real-looking source."""

from __future__ import annotations

import pytest

from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.project import Project


def pools(files: dict[str, str]) -> list[PoolFact]:
    return list(Project.from_memory(files).program.pools)


def only(source: str, path: str = "app/db.py") -> PoolFact:
    found = pools({path: source})
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("arguments", "size", "overflow", "implicit"),
    [
        ("URL", 5, 10, True),
        ("URL, pool_size=3", 3, 10, False),
        ("URL, pool_size=3, max_overflow=0", 3, 0, False),
        ("URL, pool_size=2 * 4", 8, 10, False),
        ('URL, pool_size=int(os.environ.get("POOL", "7"))', 7, 10, False),
        ('URL, pool_size=int(os.getenv("POOL", 7))', 7, 10, False),
        ('URL, pool_size=int(os.environ["POOL"])', None, 10, False),
        ("URL, **OPTIONS", 4, 1, False),
        ("URL, **unknown()", None, 10, False),
        ("URL, pool_size=settings.POOL_SIZE", None, 10, False),
    ],
)
def test_sqlalchemy_sizes(arguments: str, size: int | None, overflow: int, implicit: bool) -> None:
    found = only(
        "import os\nfrom sqlalchemy import create_engine\nfrom elsewhere import settings\n"
        f'OPTIONS = {{"pool_size": 4, "max_overflow": 1}}\nengine = create_engine({arguments})\n'
    )
    assert (found.size, found.overflow, found.size_implicit) == (size, overflow, implicit)
    assert found.name == "engine"
    assert found.library == "SQLAlchemy"


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ("import asyncpg\nasync def f():\n    return await asyncpg.create_pool('x')\n", 10),
        ("import asyncpg\nasync def f():\n    return await asyncpg.create_pool('x', max_size=3)\n", 3),
        ("from psycopg_pool import ConnectionPool\np = ConnectionPool('x')\n", 4),
        ("from psycopg_pool import ConnectionPool\np = ConnectionPool('x', min_size=2)\n", 2),
        ("from psycopg_pool import ConnectionPool\np = ConnectionPool('x', min_size=2, max_size=9)\n", 9),
        ("import psycopg2.pool\np = psycopg2.pool.SimpleConnectionPool(1, 20, 'x')\n", 20),
        ("from databases import Database\nd = Database('postgresql://h/x?max_size=6')\n", 6),
        ("from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n", 5),
    ],
)
def test_python_sizes(source: str, size: int) -> None:
    assert only(source).size == size


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ("import { Pool } from 'pg'; const p = new Pool();", 10),
        ("import pg from 'pg'; const p = new pg.Pool({ max: 3 });", 3),
        ("const { Pool } = require('pg'); const p = new Pool({ poolSize: 4 });", 4),
        ("const { Pool } = require('pg'); const p = new Pool({ max: 0 });", 10),
        ("const { Pool } = require('pg'); const p = new Pool({ max: Number(process.env.N) || 7 });", 7),
        ("const { Pool } = require('pg'); const p = new Pool({ max: parseInt(process.env.N ?? '8', 10) });", 8),
        ("const { Pool } = require('pg'); const c = { max: 6 }; const p = new Pool({ ...c });", 6),
        ("const knex = require('knex')({ client: 'pg', pool: { min: 0, max: 5 } });", 5),
        ("const { Sequelize } = require('sequelize'); const s = new Sequelize('postgres://h/x');", 5),
        ("const postgres = require('postgres'); const sql = postgres('postgres://h/x', { max: 2 });", 2),
        (
            "const { DataSource } = require('typeorm');"
            " const d = new DataSource({ type: 'postgres', poolSize: 8, extra: { max: 9 } });",
            9,
        ),
    ],
)
def test_javascript_sizes(source: str, size: int) -> None:
    assert only(source, "src/db.js").size == size


def test_other_databases_are_none_of_our_business() -> None:
    found = pools(
        {
            "a.py": "from sqlalchemy import create_engine\ne = create_engine('sqlite:///x')\n",
            "b.js": "const knex = require('knex')({ client: 'mysql2' });",
        }
    )
    assert found == []


def test_where_the_address_comes_from() -> None:
    found = only("import os\nfrom sqlalchemy import create_engine\ne = create_engine(os.environ['DATABASE_URL'])\n")
    assert found.url_variable == "DATABASE_URL"
    constant = only("from sqlalchemy import create_engine\ne = create_engine('postgresql://u:secret@db.example/x')\n")
    assert constant.host == "db.example"
    assert "secret" not in (constant.url or "")


def test_settings_class() -> None:
    found = pools(
        {
            "app/settings.py": "from pydantic_settings import BaseSettings\n"
            "class Settings(BaseSettings):\n    pool_size: int = 12\nsettings = Settings()\n",
            "app/db.py": "from sqlalchemy import create_engine\nfrom .settings import settings\n"
            "engine = create_engine(URL, pool_size=settings.pool_size)\n",
        }
    )
    assert [(one.size, one.options["pool_size"].variable) for one in found if one.row] == [(12, "POOL_SIZE")]


def test_django_databases() -> None:
    source = """
import os
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("DB_HOST", "db"),
        "CONN_MAX_AGE": 60,
    },
    "pooled": {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": {"max_size": 9}}},
    "any": {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": True}},
    "lite": {"ENGINE": "django.db.backends.sqlite3"},
}
"""
    found = {one.name: one for one in pools({"shop/settings.py": source})}
    assert set(found) == {"default", "pooled", "any"}
    assert (found["default"].size, found["default"].note) == (1, "per-thread")
    assert found["default"].url_variable == "DB_HOST"
    assert found["default"].options["CONN_MAX_AGE"].value == 60
    assert found["pooled"].size == 9
    assert (found["any"].size, found["any"].size_implicit) == (4, True)


def test_contexts_reach_callees_and_stop_at_what_is_kept() -> None:
    source = """
from fastapi import FastAPI
from sqlalchemy import create_engine
app = FastAPI()
_engine = None
def make():
    return create_engine(URL)
def get():
    global _engine
    if _engine is None:
        _engine = make()
    return _engine
@app.get("/")
def index():
    return get()
"""
    found = only(source)
    assert not found.per_call
    other = only(source.replace("return get()", "return make()"))
    assert other.per_call
    assert Context.HANDLER in other.contexts
    assert [step.message for step in other.steps] == ["`index` calls this each time it runs"]


def test_a_class_of_prisma_is_a_pool() -> None:
    source = "import { PrismaClient } from '@prisma/client';\nexport class PrismaService extends PrismaClient {}\n"
    assert [one.row for one in pools({"src/prisma.service.ts": source})] == ["prisma.PrismaClient"]


NEST = """import {{ Module }} from '@nestjs/common';
import {{ ConfigService }} from '@nestjs/config';
import {{ TypeOrmModule }} from '@nestjs/typeorm';
import {{ SequelizeModule }} from '@nestjs/sequelize';
import {{ MikroOrmModule }} from '@mikro-orm/nestjs';
@Module({{ imports: [{module}] }})
export class AppModule {{}}
class Options {{
  constructor(private config: ConfigService) {{}}
  createTypeOrmOptions() {{ return {{ type: 'postgres', extra: {{ max: 8 }} }}; }}
}}
"""


@pytest.mark.parametrize(
    ("module", "size"),
    [
        ("TypeOrmModule.forRoot({ type: 'postgres', poolSize: 7 })", 7),
        ("TypeOrmModule.forRootAsync({ useFactory: () => ({ type: 'postgres', extra: { max: 25 } }) })", 25),
        ("TypeOrmModule.forRootAsync({ inject: [ConfigService],"
         " useFactory: async (c) => { const url = c.get('X'); return { type: 'postgres', url, poolSize: 9 }; } })", 9),
        ("TypeOrmModule.forRootAsync({ useFactory: () => ({ type: 'postgres' }) })", 10),
        ("TypeOrmModule.forRootAsync({ useClass: Options })", 8),
        ("TypeOrmModule.forRootAsync({ useExisting: Elsewhere })", None),
        ("TypeOrmModule.forRootAsync({ useFactory: (c) => c.get('database') })", None),
        ("SequelizeModule.forRootAsync({ useFactory: () => ({ dialect: 'postgres', pool: { max: 6 } }) })", 6),
        ("MikroOrmModule.forRootAsync({ useFactory: () => ({ type: 'postgresql', pool: { max: 4 } }) })", 4),
    ],
)  # fmt: skip
def test_nest_modules_whose_options_are_made_when_the_program_starts(module: str, size: int | None) -> None:
    assert only(NEST.format(module=module), "src/app.module.ts").size == size


def test_nest_modules_of_other_databases() -> None:
    module = "TypeOrmModule.forRootAsync({ useFactory: () => ({ type: 'mysql', extra: { max: 25 } }) })"
    assert pools({"src/app.module.ts": NEST.format(module=module)}) == []


MODELS = """const path = require('path');
const Sequelize = require('sequelize');
const env = process.env.NODE_ENV || 'development';
const config = {config};
let sequelize;
if (config.use_env_variable) {{
  sequelize = new Sequelize(process.env[config.use_env_variable], config);
}} else {{
  sequelize = new Sequelize(config.database, config.username, config.password, config);
}}
module.exports = {{ sequelize }};
"""
JSON = '{"development": {"dialect": "postgres", "pool": {"max": 2}}, "production": {"dialect": "postgres"%s}}'
SCRIPT = "module.exports = { development: {}, production: { dialect: 'postgres', pool: { max: 30 } } };\n"


@pytest.mark.parametrize(
    ("config", "files", "size"),
    [
        ("require(__dirname + '/../config/config.json')[env]", {"config/config.json": JSON % ""}, 5),
        ("require('../config/config.json')[env]", {"config/config.json": JSON % ', "pool": {"max": 12}'}, 12),
        ("require('../config/config.json').development", {"config/config.json": JSON % ""}, 2),
        ("require(path.join(__dirname, '..', 'config', 'config.json'))[env]", {"config/config.json": JSON % ""}, 5),
        ("require('../config/config')[env]", {"config/config.js": SCRIPT}, 30),
        ("require(`${__dirname}/../config/config.js`).production", {"config/config.js": SCRIPT}, 30),
        ("require(path.resolve(__dirname, '../config/config'))[env]", {"config/config.js": SCRIPT}, 30),
        ("require(__dirname + '/../config/config.json')[env]", {}, None),
        ("require(__dirname + '/../config/config.json')[env]", {"config/config.json": "{"}, None),
        ("require(process.env.CONFIG)[env]", {"config/config.js": SCRIPT}, None),
    ],
)
def test_tables_of_environments(config: str, files: dict[str, str], size: int | None) -> None:
    """What stands for production counts, in JavaScript and in JSON."""
    found = pools({"models/index.js": MODELS.format(config=config), **files})
    assert [one.size for one in found] == [size, size]


def test_a_table_of_environments_of_another_database() -> None:
    files = {"config/config.json": JSON.replace("postgres", "mysql") % ""}
    config = "require(__dirname + '/../config/config.json')[env]"
    assert pools({"models/index.js": MODELS.format(config=config), **files}) == []


def test_knexfiles() -> None:
    knexfile = "module.exports = { production: { client: 'pg', pool: { min: 2, max: 14 } } };\n"
    for asked in ("[process.env.NODE_ENV]", ".production"):
        found = pools({"db.js": f"module.exports = require('knex')(require('./knexfile'){asked});\n",
                       "knexfile.js": knexfile})  # fmt: skip
        assert [one.size for one in found] == [14]


@pytest.mark.parametrize(
    ("engine", "requirements", "expected"),
    [
        ("os.environ.get('DB_ENGINE', 'django.db.backends.sqlite3')", "psycopg2-binary", 1),
        ("os.environ['DB_ENGINE']", "psycopg[binary]>=3", 1),
        ("os.environ.get('DB_ENGINE', 'django.db.backends.sqlite3')", "django", 0),
        ("os.environ.get('DB_ENGINE', 'django.db.backends.mysql')", "psycopg2", 0),
        ("'django.db.backends.sqlite3'", "psycopg2", 0),
        ("os.environ.get('DB_ENGINE', 'django.db.backends.postgresql')", "django", 1),
    ],
)
def test_django_engines_from_the_environment(engine: str, requirements: str, expected: int) -> None:
    settings = f"import os\nDATABASES = {{'default': {{'ENGINE': {engine}, 'NAME': 'x'}}}}\n"
    assert len(pools({"shop/settings.py": settings, "requirements.txt": requirements + "\n"})) == expected
