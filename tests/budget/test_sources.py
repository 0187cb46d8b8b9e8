"""Which source a workload runs, and how many processes of it."""

from __future__ import annotations

import pytest

from pgconnlint.budget.model import Phase
from tests.budget.stacks import CLUSTER, NODE_POOL, PYTHON_POOL, budgets, compose, deployment, sums

TWO = {"billing/db.js": NODE_POOL % 3, "mailer/db.js": NODE_POOL % 7}
STEPS = "jobs:\n  a:\n    steps:\n      "
URL = "    environment: {DATABASE_URL: 'postgres://a@db/a'}\n"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".github/workflows/ci.yml", STEPS + "- run: docker build -f mailer/Dockerfile -t r.example/x:1 mailer\n"),
        (".github/workflows/ci.yml", STEPS + "- uses: docker/build-push-action@v5\n        with:\n"
         "          context: ./mailer\n          tags: |\n            r.example/x:${{ github.sha }}\n"),
        ("skaffold.yaml", "build:\n  artifacts:\n    - image: r.example/x\n      context: mailer\n"),
        ("Tiltfile", "docker_build('r.example/x', './mailer')\n"),
        ("scripts/build.sh", "#!/bin/sh\ndocker build \\\n  --tag r.example/x:$TAG \\\n  mailer\n"),
        ("docker-compose.yml", "services:\n  m:\n    image: r.example/x\n    build: ./mailer\n"),
    ],
)  # fmt: skip
def test_pipelines_say_what_an_image_is_built_from(path: str, content: str) -> None:
    stack = CLUSTER + deployment("api", "r.example/x")
    assert sums({"stack.yaml": stack, path: content, **TWO}) == {"api": ["2 pods x 7 = 14"]}


def test_an_image_called_like_a_package() -> None:
    files = {"stack.yaml": CLUSTER + deployment("api", "r.example/notes"), "mailer/package.json": '{"name": "notes"}'}
    assert sums({**files, **TWO}) == {"api": ["2 pods x 7 = 14"]}


def test_the_entry_command_chooses_among_the_pools_of_one_context() -> None:
    services = f"  web:\n    build: .\n    command: node dist/web.js\n{URL}"
    services += f"  jobs:\n    build: .\n    command: npm run jobs\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "package.json": '{"scripts": {"jobs": "node src/jobs.js"}}',
        "src/web.ts": "import { pool } from './web-db';\n",
        "src/jobs.js": "const { pool } = require('./jobs-db');\n",
        "src/web-db.ts": "import { Pool } from 'pg';\nexport const pool = new Pool({ max: 4 });\n",
        "src/jobs-db.js": NODE_POOL % 2,
    }
    assert sums(files) == {"web": ["1 containers x 4 = 4"], "jobs": ["1 containers x 2 = 2"]}


def test_the_module_a_server_is_given() -> None:
    services = f"  api:\n    build: .\n    command: uvicorn app.main:app --workers 3\n{URL}"
    services += f"  worker:\n    build: .\n    command: python -m jobs.run\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "app/__init__.py": "",
        "app/main.py": "from app.db import engine\napp = object()\n",
        "app/db.py": PYTHON_POOL % "5, max_overflow=0",
        "jobs/__init__.py": "",
        "jobs/run.py": "from . import store\n",
        "jobs/store.py": PYTHON_POOL % "1, max_overflow=0",
    }
    assert sums(files) == {"api": ["1 containers x 3 workers x 5 = 15"], "worker": ["1 containers x 1 = 1"]}


MANY = {
    "lib/__init__.py": "",
    "lib/db.py": PYTHON_POOL % "5, max_overflow=0",
    "tools/report.py": PYTHON_POOL % "9, max_overflow=0",
    "tools/old_report.py": PYTHON_POOL % "11, max_overflow=0",
    "jobs/__init__.py": "",
    "jobs/run.py": "from lib import db\n",
    "jobs/clean.py": "import os\n\nos.remove('x')\n",
}


@pytest.mark.parametrize("options", ["-m", "-u -m", "-um", "-X dev -u -m", "-Wignore -Bm"])
def test_the_module_python_is_given(options: str) -> None:
    services = f"  worker:\n    build: .\n    command: python {options} jobs.run\n{URL}"
    assert sums({"docker-compose.yml": compose(services), **MANY}) == {"worker": ["1 containers x 5 = 5"]}


def test_where_no_entry_is_known_what_nothing_loads_is_a_program_of_its_own() -> None:
    services = f"  worker:\n    build: .\n    command: ./begin\n{URL}"
    assert sums({"docker-compose.yml": compose(services), **MANY}) == {"worker": ["1 containers x 5 = 5"]}


def test_an_entry_that_loads_no_pool_is_asked_for() -> None:
    services = f"  cleaner:\n    build: .\n    command: python -u jobs/clean.py\n{URL}"
    files = {"docker-compose.yml": compose(services), **MANY}
    assert sums(files) == {}
    [budget] = budgets(files)
    assert [one.what for one in budget.undeclared if "cleaner" in one.what]


def test_an_entry_that_loads_by_names_made_at_run_time_may_load_all() -> None:
    services = f"  api:\n    build: .\n    command: node server.js\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "server.js": "for (const one of require('fs').readdirSync('models')) require('./models/' + one);\n",
        "models/users.js": NODE_POOL % 3,
        "models/notes.js": "exports.x = 1;\n",
        "reports/db.js": NODE_POOL % 4,
    }
    assert sums(files) == {"api": ["1 containers x 3 = 3", "1 containers x 4 = 4"]}


@pytest.mark.parametrize(
    "module", ["forRoot(options)", "forRootAsync({ useFactory: () => ({ ...options, extra: { max: 25 } }) })"]
)
def test_the_data_source_of_the_command_line_opens_nothing_beside_nests_own(module: str) -> None:
    services = f"  api:\n    build: .\n    command: node dist/main\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "src/main.ts": "import { AppModule } from './app.module';\nboot(AppModule);\n",
        "src/app.module.ts": "import { TypeOrmModule } from '@nestjs/typeorm';\n"
        "import { options } from './data-source';\n"
        f"@Module({{ imports: [TypeOrmModule.{module}] }})\nexport class AppModule {{}}\n",
        "src/data-source.ts": "import { DataSource } from 'typeorm';\n"
        "export const options = { type: 'postgres', poolSize: 7 };\nexport default new DataSource(options);\n",
    }
    assert sums(files) == {
        "api": [f"1 containers x {25 if 'extra' in module else 7} = {25 if 'extra' in module else 7}"]
    }


def test_a_pool_that_names_another_server_goes_there() -> None:
    """The container's variables name `db`; one of the pools of its source has the address of `reports` in it."""
    services = f"  reports:\n    image: postgres:16\n  api:\n    build: .\n    command: node server.js\n{URL}"
    node = "const {{ Pool }} = require('pg');\nmodule.exports = new Pool({{ {}, max: {} }});\n"
    files = {
        "docker-compose.yml": compose(services),
        "server.js": "require('./own');\nrequire('./reports');\n",
        "own.js": node.format("connectionString: process.env.DATABASE_URL", 3),
        "reports.js": node.format("connectionString: 'postgres://a@reports/a'", 4),
    }
    found = {one.server.name: [demand.sums[Phase.PEAK] for demand in one.demands] for one in budgets(files)}
    assert found == {"db": ["1 containers x 3 = 3"], "reports": ["1 containers x 4 = 4"]}


def test_what_the_dockerfile_copies() -> None:
    services = f"  api:\n    build: {{context: ., dockerfile: docker/api.Dockerfile}}\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "docker/api.Dockerfile": "FROM node:20\nCOPY billing/ /app\nCMD node db.js\n",
    }
    assert sums({**files, **TWO}) == {"api": ["1 containers x 3 = 3"]}


def test_several_programs_in_one_context_go_by_name() -> None:
    services = f"  mailer:\n    build: .\n{URL}  billing:\n    build: .\n{URL}"
    assert sums({"docker-compose.yml": compose(services), **TWO}) == {
        "mailer": ["1 containers x 7 = 7"],
        "billing": ["1 containers x 3 = 3"],
    }


def test_a_client_that_only_its_source_gives_the_address() -> None:
    source = "const { Pool } = require('pg');\nconst pool = new Pool({ host: 'db', max: 6 });\nmodule.exports = pool;\n"
    files = {"docker-compose.yml": compose("  api:\n    build: ./api\n"), "api/db.js": source}
    assert sums(files) == {"api": ["1 containers x 6 = 6"]}


def test_pools_of_tests_samples_and_unused_replicas_do_not_count() -> None:
    source = (
        "import { Pool } from 'pg';\n"
        "export const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });\n"
        "export const replica = new Pool({ connectionString: process.env.DATABASE_REPLICA_URL, max: 4 });\n"
    )
    files = {
        "docker-compose.yml": compose(f"  api:\n    build: .\n{URL}"),
        "src/db.ts": source,
        "perf-test/run.js": NODE_POOL % 50,
        "samples/run.js": NODE_POOL % 50,
    }
    assert sums(files) == {"api": ["1 containers x 4 = 4"]}


def test_branches_that_make_the_same_pool_make_one() -> None:
    source = (
        "const { Sequelize } = require('sequelize');\nlet sequelize;\nif (process.env.DATABASE_URL) {\n"
        "  sequelize = new Sequelize(process.env.DATABASE_URL, { dialect: 'postgres', pool: { max: 8 } });\n} else {\n"
        "  sequelize = new Sequelize('a', 'b', 'c', { dialect: 'postgres', pool: { max: 8 } });\n}\n"
        "module.exports = sequelize;\n"
    )
    files = {"docker-compose.yml": compose(f"  api:\n    build: .\n{URL}"), "models/index.js": source}
    assert sums(files) == {"api": ["1 containers x 8 = 8"]}


def test_a_migration_opens_what_its_own_entry_reaches() -> None:
    services = f"  migrate:\n    build: .\n    command: npx knex migrate:latest\n{URL}  api:\n    build: .\n{URL}"
    assert sums({"docker-compose.yml": compose(services), "src/db.js": NODE_POOL % 9}) == {
        "api": ["1 containers x 9 = 9"]
    }


@pytest.mark.parametrize(
    ("command", "path", "content", "expected"),
    [
        ("./start.sh", "start.sh", "#!/bin/sh\nset -e\nexec gunicorn app:app -w 3\n", "3 workers x 5"),
        ("gunicorn app:app", "gunicorn.conf.py", "bind = ':80'\nworkers = 6\n", "6 workers x 5"),
        ("gunicorn -c conf.py app:app", "conf.py", "import os\nworkers = int(os.getenv('W', '2'))\n", "2 workers x 5"),
        ("gunicorn app:app", "gunicorn.conf.py", "import os\nworkers = os.cpu_count()\n", "? workers x 5"),
        ("uwsgi --ini uwsgi.ini", "uwsgi.ini", "[uwsgi]\nprocesses = 4\n", "4 workers x 5"),
        ("npm start", "package.json", '{"scripts": {"start": "gunicorn app:app -w 7"}}', "7 workers x 5"),
    ],
)  # fmt: skip
def test_processes_that_stand_in_files(command: str, path: str, content: str, expected: str) -> None:
    files = {
        "docker-compose.yml": compose(f"  api:\n    build: .\n    command: {command}\n{URL}"),
        "app.py": PYTHON_POOL % "5, max_overflow=0",
        path: content,
    }
    assert expected in sums(files)["api"][0]


def test_process_managers_of_node() -> None:
    ecosystem = "module.exports = { apps: [{ name: 'a', script: 'server.js', instances: 4, exec_mode: 'cluster' }] };\n"
    files = {
        "docker-compose.yml": compose(f"  api:\n    build: .\n    command: pm2-runtime ecosystem.config.js\n{URL}"),
        "ecosystem.config.js": ecosystem,
        "server.js": NODE_POOL % 5,
    }
    assert sums(files) == {"api": ["1 containers x 4 processes x 5 = 20"]}
    forking = "const cluster = require('cluster');\nif (cluster.isPrimary) cluster.fork();\n" + NODE_POOL % 5
    files = {
        "docker-compose.yml": compose(f"  api:\n    build: .\n    command: node server.js\n{URL}"),
        "server.js": forking,
    }
    assert sums(files) == {"api": ["1 containers x ? processes x 5 = ?"]}


def test_threads_open_a_connection_each_where_there_is_no_pool() -> None:
    settings = (
        "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': 'db', 'CONN_MAX_AGE': 60}}\n"
        "INSTALLED_APPS = []\n"
    )
    for options, expected in (("-w 2 --threads 8", 16), ("-w 2", 2), ("-w 2 -k gevent --worker-connections 50", 100)):
        files = {
            "docker-compose.yml": compose(f"  web:\n    build: .\n    command: gunicorn shop.wsgi {options}\n{URL}"),
            "shop/settings.py": settings,
            "manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n",
        }
        assert sums(files)["web"][0].endswith(f"= {expected}")


def test_images_everybody_knows() -> None:
    hasura = "  graphql:\n    image: hasura/graphql-engine:v2\n    environment:\n      HASURA_GRAPHQL_DATABASE_URL: postgres://a@db/a\n"
    assert sums({"docker-compose.yml": compose(hasura)}) == {"graphql": ["1 containers x 50 = 50"]}
    less = compose(hasura + "      HASURA_GRAPHQL_PG_CONNECTIONS: 8\n")
    assert sums({"docker-compose.yml": less}) == {"graphql": ["1 containers x 8 = 8"]}


def test_airflow_starts_the_source_in_processes_of_its_own() -> None:
    services = f"  scheduler:\n    build: .\n    command: scheduler\n{URL}"
    services += f"  webserver:\n    image: apache/airflow:3.1.6\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "Dockerfile": "FROM apache/airflow:3.1.6\nCOPY requirements.txt .\n",
        "dags/load.py": PYTHON_POOL % "5",
        "dags/report.py": PYTHON_POOL % "7",
    }
    assert sums(files) == {}
    [budget] = budgets(files)
    assert {dict(one.entry)["workload"] for one in budget.undeclared} == {"scheduler", "webserver"}


def test_two_compose_files_of_one_folder_are_alternatives() -> None:
    service = "services:\n  api:\n    build: .\n    environment: {DATABASE_URL: 'postgres://a@db.example.com/a'}\n"
    files = {"docker-compose.yml": service, "docker-compose.alt.yml": service, "db.js": NODE_POOL % 5}
    assert all(found == ["1 containers x 5 = 5"] for found in ([one] for one in sums(files)["api"]))


def test_procfiles() -> None:
    files = {
        "Procfile": "web: gunicorn app:app -w 4\nrelease: python manage.py migrate\n",
        "app.json": '{"formation": {"web": {"quantity": 3}}}',
        "app.py": PYTHON_POOL % "5, max_overflow=0",
    }
    assert sums(files) == {"web": ["3 instances x 4 workers x 5 = 60"]}
    declared = '[[server]]\nname = "heroku"\nmax_connections = 20\nreserved = 0\n'
    assert sums(files, declared) == {"web": ["3 instances x 4 workers x 5 = 60"]}


def test_an_overflow_that_is_deployed_or_computed() -> None:
    source = PYTHON_POOL % "5, max_overflow=int(os.environ.get('OVERFLOW', '2'))"
    for given, expected in (("", "(5 + 2) = 7"), (", OVERFLOW: '9'", "(5 + 9) = 14")):
        service = f"  api:\n    build: .\n    environment: {{DATABASE_URL: 'postgres://a@db/a'{given}}}\n"
        assert sums({"docker-compose.yml": compose(service), "app.py": source})["api"][0].endswith(expected)
    computed = PYTHON_POOL % "5, max_overflow=limit()"
    [shown] = sums({"docker-compose.yml": compose(f"  api:\n    build: .\n{URL}"), "app.py": computed})["api"]
    assert shown == "1 containers x (5 + ?) = ?"


def test_of_several_servers_the_one_that_is_waited_for() -> None:
    services = "  other:\n    image: postgres:16\n  api:\n    build: .\n    env_file: [.env]\n    depends_on: {}\n"
    for needed, expected in (("[db]", {"db"}), ("[db, other]", set()), ("[other]", {"other"})):
        files = {"docker-compose.yml": compose(services.replace("{}", needed)), "db.js": NODE_POOL % 5}
        assert {one.server.name for one in budgets(files) if one.demands} == expected


def test_what_other_images_are_made_of_is_theirs() -> None:
    services = f"  mailer:\n    build: {{context: ., dockerfile: mailer/Dockerfile}}\n{URL}"
    services += f"  web:\n    build: {{context: ., dockerfile: web/Dockerfile}}\n{URL}"
    files = {
        "docker-compose.yml": compose(services),
        "mailer/Dockerfile": "FROM node:20\nCOPY . .\n",
        "web/Dockerfile": "FROM node:20\nCOPY . .\n",
        "mailer/db.js": NODE_POOL % 7,
    }
    assert sums(files) == {"mailer": ["1 containers x 7 = 7"]}
    assert sums({**files, "shared/db.js": NODE_POOL % 2})["web"] == ["1 containers x 2 = 2"]
