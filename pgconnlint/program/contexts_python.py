"""Where Python frameworks call user code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants
from pgconnlint.program.facts import Context
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId
from pgconnlint.program.walking import walk

Root = tuple[FunctionId, Context]

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace", "websocket", "api_route",
                    "websocket_route", "route", "errorhandler", "exception_handler"})  # fmt: skip
_HOOKS = frozenset({"before_request", "after_request", "teardown_request", "before_app_request", "middleware",
                    "context_processor", "user_loader", "request_loader"})  # fmt: skip
_STARTUP = frozenset({"on_event", "before_first_request", "before_serving", "before_server_start", "on_startup",
                      "main_process_start", "listener"})  # fmt: skip
_JOBS = frozenset({"shared_task", "task", "periodic_task", "actor", "job", "scheduled_job", "on_message",
                   "db_task", "db_periodic_task", "subscriber", "activity", "cron"})  # fmt: skip
_BOTS = frozenset({"command", "event", "message_handler", "callback_query_handler", "message", "callback_query",
                   "on_message", "slash_command", "hybrid_command"})  # fmt: skip
_DASH = re.compile(r"[\[( ]*(output=)?[\[( ]*(dash\.|dd\.|dependencies\.)*Output\(")
_CLI = ("click.command", "click.group", "typer.")
_VIEW_BASES = re.compile(
    r"(APIView|ViewSet|ViewSetMixin|MethodView|HTTPEndpoint|RequestHandler|GenericAPIView|HTTPMethodView|WebSocketEndpoint"
    r"|TemplateView|ListView|DetailView|CreateView|UpdateView|DeleteView|FormView|WebsocketConsumer|AsyncConsumer"
    r"|flask_restful\.Resource|flask_restx\.Resource|flask_restplus\.Resource|views\.View|generic\.View|Servicer)$"
)
_VIEW_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "list", "create", "retrieve",
                           "update", "partial_update", "destroy", "dispatch", "get_queryset", "form_valid", "receive",
                           "prepare", "on_message", "perform_create", "perform_update"})  # fmt: skip
_FALCON = re.compile(r"on_(get|post|put|patch|delete)(_\w+)?$|do_(GET|POST|PUT|DELETE|PATCH)$")
_INJECTED = re.compile(r"^(?:Depends|Security)\(([\w.]+)\)$")
_TEST_PATH = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$")
_REGISTER = frozenset({"add_get", "add_post", "add_put", "add_delete", "add_patch", "add_route", "add_url_rule",
                       "add_api_route", "add_websocket_route", "add_handler", "add_api_websocket_route"})  # fmt: skip
_URLS = frozenset({"django.urls.path", "django.urls.re_path", "django.conf.urls.url", "starlette.routing.Route",
                   "aiohttp.web.get", "aiohttp.web.post", "aiohttp.web.put", "aiohttp.web.delete"})  # fmt: skip
_UPDATE = re.compile(
    r"^(aiogram\.types\.(\w+\.)?(Message|CallbackQuery|InlineQuery|PreCheckoutQuery)|telegram\.Update)$"
)
_OPERATORS = re.compile(r"(PythonOperator|ShortCircuitOperator|BranchPythonOperator|PythonVirtualenvOperator)$")


def python_roots(linked: Linked, constants: Constants) -> Iterator[Root]:
    """Functions that a framework, a scheduler, a test runner or a shell calls, with the context that makes."""
    for function, one in linked.functions.items():
        module = linked.modules[function[0]]
        if module.language != "python":
            continue
        yield from _decorated(function, one)
        yield from _by_name(linked, function, one)
        yield from _dependencies(linked, function, one)
        yield from _registered(linked, constants, function, one)
        if _TEST_PATH.search(function[0]):
            yield function, Context.TEST
    for path, module in linked.modules.items():
        if module.language != "python":
            continue
        for owner in module.classes:
            yield from _methods(linked, path, owner)
        for _, _, injected in module.aliases:
            yield from _injected(linked, path, injected)


def _decorated(function: FunctionId, one: ir.Function) -> Iterator[Root]:
    for decorator in one.decorators:
        head, _, last = decorator.path.rpartition(".")
        first = decorator.arguments[0] if decorator.arguments else ""
        library = head.split(".")[0]
        if library in ("mock", "unittest", "pytest", "respx", "responses"):
            continue
        if (
            (last in _VERBS and head and (last in ("route", "errorhandler", "exception_handler") or _is_route(first)))
            or (last in _HOOKS and head)
            or (last == "callback" and _DASH.match(first))
        ):
            yield function, Context.HANDLER
        elif last in _STARTUP:
            yield function, Context.STARTUP
        elif decorator.path.startswith(_CLI) or (last == "command" and (library in ("click", "typer", "cli", "app"))):
            yield function, Context.SCRIPT
        elif last in _JOBS and library != "pytest":
            yield function, Context.JOB
            if library == "airflow":
                yield function, Context.PROCESS
        elif last in _BOTS and library in ("bot", "client", "dp", "router", "tree", "commands", "discord"):
            yield function, Context.HANDLER
        elif decorator.path.startswith("functions_framework."):
            yield function, Context.SERVERLESS
        elif last in ("fixture", "pytest_fixture"):
            yield function, Context.TEST
        elif last == "connect" and "worker" in head:
            yield function, Context.STARTUP


def _is_route(argument: str) -> bool:
    return argument.lstrip("rRfFbB").startswith(('"', "'")) or argument.startswith("path=")


def _by_name(linked: Linked, function: FunctionId, one: ir.Function) -> Iterator[Root]:
    names = [parameter.name for parameter in one.parameters]
    annotations = [parameter.annotation or "" for parameter in one.parameters]
    if one.parent is not None:
        return
    if one.name == "lambda_handler" or (one.name == "handler" and names[:2] == ["event", "context"]):
        yield function, Context.SERVERLESS
    if any(kind.startswith("azure.functions.") for kind in annotations[:1]):
        yield function, Context.SERVERLESS
    is_view = re.search(r"(^|/)views?(/|\.py$|_)", function[0]) is not None or function[0].endswith("/views.py")
    if one.owner is None and names[:1] == ["request"] and is_view:
        yield function, Context.HANDLER
    if one.owner is None and annotations[:1] and annotations[0].endswith(("web.Request", "HttpRequest")):
        yield function, Context.HANDLER
    if one.owner is None and any(_UPDATE.search(kind) for kind in annotations[:1]):
        yield function, Context.HANDLER
    if one.name in ("__call__", "process_request", "process_view") and names[1:2] == ["request"]:
        yield function, Context.HANDLER
    if one.name == "lifespan" or any(kind.endswith((".FastAPI", ".Starlette")) for kind in annotations[:1]):
        yield function, Context.STARTUP


def _methods(linked: Linked, path: str, owner: ir.Class) -> Iterator[Root]:
    is_view = any(_VIEW_BASES.search(base) for base in owner.bases)
    servicer = any(base.endswith("Servicer") for base in owner.bases)
    command = any(base.rpartition(".")[2] == "BaseCommand" for base in owner.bases)
    server = any(base.endswith("BaseHTTPRequestHandler") for base in owner.bases)
    task = any(base in ("celery.Task", "luigi.Task") for base in owner.bases)
    for method in owner.methods:
        name = method.rpartition(".")[2].partition("~")[0]
        one = linked.functions.get((path, method))
        if one is None:
            continue
        if (
            is_view and (name in _VIEW_METHODS or name in ("connect", "disconnect") or (servicer and name[:1] != "_"))
        ) or (_FALCON.match(name) and (server or len(one.parameters) >= 3)):
            yield (path, method), Context.HANDLER
        elif command and name == "handle":
            yield (path, method), Context.SCRIPT
        elif task and name == "run":
            yield (path, method), Context.JOB


def _dependencies(linked: Linked, function: FunctionId, one: ir.Function) -> Iterator[Root]:
    for parameter in one.parameters:
        if parameter.default:
            yield from _injected(linked, function[0], parameter.default)


def _injected(linked: Linked, path: str, default: str) -> Iterator[Root]:
    """FastAPI calls what stands in `Depends(...)` for every request."""
    found = _INJECTED.match(default)
    for target in sorted(linked.resolve(path, found[1])) if found else ():
        if target[0] == "function":
            yield (target[1], target[2]), Context.HANDLER


def _registered(linked: Linked, constants: Constants, function: FunctionId, one: ir.Function) -> Iterator[Root]:
    for call in walk(one.body):
        if not isinstance(call, ir.Call):
            continue
        name = call.method or ""
        path = (constants.path(function, call.func) or "") if call.func else ""
        if call.receiver is not None and (owner := constants.path(function, call.receiver)):
            path = f"{owner}.{name}"
        context: Context | None = None
        keywords = dict(call.kwargs)
        if name in _REGISTER or path in _URLS:
            context = Context.HANDLER
        elif name in ("add_job", "apply_async", "add_periodic_task", "every") or _OPERATORS.search(path):
            context = Context.JOB
        elif path.endswith((".on_startup.append", ".cleanup_ctx.append", ".add_event_handler")):
            context = Context.STARTUP
        handed = [
            *call.args,
            *(keywords[key] for key in ("python_callable", "view_func", "endpoint") if key in keywords),
        ]
        if context is not None:
            for arg in handed:
                for target in sorted(linked.types(function, arg)):
                    if target[0] == "function":
                        yield (target[1], target[2]), context
                        if _OPERATORS.search(path):  # Airflow runs every task in a process of its own
                            yield (target[1], target[2]), Context.PROCESS
        for key in ("lifespan", "on_startup"):
            for target in sorted(linked.types(function, keywords[key])) if key in keywords else ():
                inner = target[1:] if target[0] == "item" else target
                if inner[0] == "function":
                    yield (inner[1], inner[2]), Context.STARTUP
