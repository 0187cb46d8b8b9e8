"""Flask-SQLAlchemy 3 as released and documented in November 2026: its session ends with the application context."""

from __future__ import annotations

from pgconnlint.program.drivers.row import Kind, Operation

KINDS = (
    Kind(
        "flask_sqlalchemy.SQLAlchemy",
        "Flask-SQLAlchemy",
        "python",
        "extension",
        names=("flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy"),
        methods=(
            Operation("init_app", safe=True),
            Operation("get_engine", returns="sqlalchemy.Engine", safe=True),
            Operation("create_scoped_session", returns="sqlalchemy.scoped_session", safe=True),
        ),
        fields={"session": "sqlalchemy.scoped_session", "engine": "sqlalchemy.Engine"},
        pool=True,
        resource=False,
        source="SQLAlchemy 2.0.58, 1.4.54: teardown_appcontext removes the session",
    ),
)

FUNCTIONS = (
    Operation(
        "flask_sqlalchemy.SQLAlchemy",
        also=("flask_sqlalchemy.extension.SQLAlchemy",),
        returns="flask_sqlalchemy.SQLAlchemy",
    ),
)
