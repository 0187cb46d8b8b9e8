"""Worker processes of container commands."""

from __future__ import annotations

import pytest

from pgconnlint.infra.processes import processes, threads
from pgconnlint.infra.resource import Known, Unknown
from pgconnlint.text import Location, Position, Span

AT = Location("x", Position(1, 1), Position(1, 1), Span(0, 0))


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        (["gunicorn", "-w", "4", "app"], {}, 4),
        (["gunicorn", "app", "--workers=6"], {}, 6),
        (["gunicorn", "app"], {"WEB_CONCURRENCY": "3"}, 3),
        (["gunicorn", "app"], {"GUNICORN_CMD_ARGS": "--workers 5 --timeout 30"}, 5),
        (["gunicorn", "app"], {}, None),
        (["gunicorn app -w $W"], {"W": "7"}, 7),
        (["sh", "-c", "python manage.py migrate && exec gunicorn app --workers ${W:-3}"], {}, 3),
        (["bash", "-lc", "gunicorn app -w $(nproc)"], {}, "?"),
        (["gunicorn", "-c", "gunicorn.conf.py", "app"], {}, "?"),
        (["gunicorn", "-w", "$W", "app"], {}, "?"),
        (["uvicorn", "app:app", "--workers", "2"], {}, 2),
        (["uvicorn", "app:app", "--workers", "2", "--reload"], {}, None),
        (["python", "-m", "uvicorn", "app:app"], {"WEB_CONCURRENCY": "4"}, 4),
        (["fastapi", "run", "--workers", "4", "app.py"], {}, 4),
        (["fastapi", "dev"], {"WEB_CONCURRENCY": "4"}, None),
        (["poetry", "run", "celery", "-A", "app", "worker", "-c", "8"], {}, 8),
        (["celery", "-A", "app", "worker"], {}, "?"),
        (["celery", "-A", "app", "worker", "--autoscale=10,3"], {}, 10),
        (["celery", "-A", "app", "worker", "-P", "gevent", "-c", "100"], {}, None),
        (["celery", "-A", "app", "beat"], {}, None),
        (["pm2-runtime", "start", "app.js", "-i", "4"], {}, 4),
        (["pm2-runtime", "start", "app.js", "-i", "max"], {}, "?"),
        (["pm2-runtime", "ecosystem.config.js"], {}, "?"),
        (["uwsgi", "--processes", "3"], {}, 3),
        (["uvicorn", "app:app", "--port", "$PORT"], {}, None),
        (["uvicorn", "app:app", "$OPTIONS"], {}, "?"),
        (["rq", "worker-pool", "-n", "4"], {}, 4),
        (["rq", "worker", "high"], {}, None),
        (["dramatiq", "app.tasks", "-p", "2"], {}, 2),
        (["dramatiq", "app.tasks"], {}, "?"),
        (["passenger", "start", "--max-pool-size", "6"], {}, 6),
        (["node", "server.js"], {}, None),
        ([], {}, None),
    ],
)
def test_processes(words: list[str], variables: dict[str, str], expected: object) -> None:
    environment = {name: Known(value, AT) for name, value in variables.items()}
    found = processes([Known(word, AT) for word in words], environment)
    shown = "?" if isinstance(found, Unknown) else found.value if isinstance(found, Known) else None
    assert shown == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["gunicorn", "app", "-w", "4"], 1),
        (["gunicorn", "app", "--threads", "8"], 8),
        (["gunicorn", "app", "-k", "gevent"], "?"),
        (["gunicorn", "app", "-k", "gevent", "--worker-connections", "50"], 50),
        (["gunicorn", "app", "-k", "uvicorn.workers.UvicornWorker"], "?"),
        (["celery", "-A", "app", "worker"], 1),
        (["celery", "-A", "app", "worker", "-P", "threads", "-c", "20"], 20),
        (["celery", "-A", "app", "flower", "--port=5555"], 0),
        (["waitress-serve", "app:app"], 4),
        (["uwsgi", "--threads", "2"], 2),
        (["uvicorn", "app:app"], "?"),
        (["daphne", "app.asgi:application"], "?"),
        (["python", "manage.py", "runserver", "0.0.0.0:8000"], "?"),
        (["python", "manage.py", "runserver", "--nothreading"], 1),
        (["python", "manage.py", "migrate"], None),
        (["node", "server.js"], None),
    ],
)
def test_threads(words: list[str], expected: object) -> None:
    found = threads([Known(word, AT) for word in words], {})
    shown = "?" if isinstance(found, Unknown) else int(str(found.value)) if isinstance(found, Known) else None
    assert shown == expected
