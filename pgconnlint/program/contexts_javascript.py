"""Where JavaScript frameworks call user code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pgconnlint.program import ir
from pgconnlint.program.constants import Constants
from pgconnlint.program.facts import Context
from pgconnlint.program.link import Linked
from pgconnlint.program.types import FunctionId, Types

Root = tuple[FunctionId, Context]

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "del", "head", "options", "all", "use", "param", "ws"})
_ROUTERS = re.compile(
    r"(^|\.|:)(app|router|server|api|fastify|routes?|\w*[rR]outer|\w*App|\w*Routes|this\.app|instance|web)$"
)
_NEST = frozenset({"Get", "Post", "Put", "Patch", "Delete", "All", "Head", "Options", "Query", "Mutation",
                   "ResolveField", "MessagePattern", "EventPattern", "SubscribeMessage", "GrpcMethod",
                   "Sse"})  # fmt: skip
_NEST_JOBS = frozenset({"Process", "Cron", "Interval", "OnQueueActive", "RabbitSubscribe", "OnEvent"})
_NEXT_ROUTE = re.compile(r"(^|/)app/(.*/)?route\.[jt]sx?$")
_NEXT_PAGE = re.compile(r"(^|/)app/(.*/)?(page|layout|default)\.[jt]sx?$")
_NEXT_API = re.compile(r"(^|/)pages/api/.*\.[jt]sx?$|^api/.*\.[jt]s$")
_NEXT_PAGES = re.compile(r"(^|/)pages/.*\.[jt]sx?$")
_SVELTE = re.compile(r"(^|/)\+(server|page\.server|layout\.server)\.[jt]s$")
_REMIX = re.compile(r"(^|/)app/(routes/.*|root)\.[jt]sx?$")
_NITRO = re.compile(r"(^|/)server/(api|routes|middleware)/.*\.[jt]s$")
_FUNCTIONS = re.compile(r"(^|/)(netlify/functions|functions)/.*\.[jt]s$")
_HTTP = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_REQUEST = re.compile(r"^_*req(uest)?$")
_RESPONSE = re.compile(r"^_*(res(ponse)?|reply)$")
_REQUESTS = (":NextApiRequest", ":NextRequest", ":FastifyRequest", ":APIGatewayProxyEvent")
"""Who takes a request (and answers it) runs for every one, however it is registered."""
_TEST_PATH = re.compile(r"(^|/)(__tests__|tests?|e2e|cypress|spec)/|\.(test|spec|e2e-spec)\.[cm]?[jt]sx?$")
_EVENTS = frozenset({"request", "connection", "message", "data", "notification"})


def javascript_roots(linked: Linked, constants: Constants) -> Iterator[Root]:
    """Functions that a framework, a scheduler, a platform or a test runner calls."""
    for function, one in linked.functions.items():
        if linked.modules[function[0]].language != "javascript":
            continue
        if _TEST_PATH.search(function[0]):
            yield function, Context.TEST
        elif _takes_request(one):
            yield function, Context.HANDLER
        yield from _decorated(function, one)
        for call in linked.calls(function):
            yield from _registered(linked, constants, function, call)
    for path, module in linked.modules.items():
        if module.language == "javascript":
            yield from _exports(linked, path, module)


def _takes_request(one: ir.Function) -> bool:
    """`(req, res)`, `(error, req, res, next)`, `(request: NextRequest)`."""
    given = [parameter for parameter in one.parameters if parameter.kind == "positional"][:3]
    names = [parameter.name.partition("~")[0] for parameter in given]
    if any(_REQUEST.match(first) and _RESPONSE.match(second) for first, second in pairwise(names)):
        return True
    return any((parameter.annotation or "").endswith(_REQUESTS) for parameter in given)


def _decorated(function: FunctionId, one: ir.Function) -> Iterator[Root]:
    for decorator in one.decorators:
        last = decorator.path.rpartition(":")[2].rpartition(".")[2]
        if last in _NEST:
            yield function, Context.HANDLER
        elif last in _NEST_JOBS:
            yield function, Context.JOB
    if (
        one.owner
        and one.name in ("intercept", "canActivate", "use")
        and len(one.parameters) >= 1
        and one.parent is None
    ):
        kinds = [parameter.annotation or "" for parameter in one.parameters]
        if any(kind.endswith((":ExecutionContext", ":CallHandler", ":Request", ":NextFunction")) for kind in kinds):
            yield function, Context.HANDLER


def _registered(linked: Linked, constants: Constants, function: FunctionId, call: ir.Call) -> Iterator[Root]:
    """Callbacks handed to routers, servers, queues and timers."""
    context = _context(linked, constants, function, call)
    if context is None:
        return
    for arg in call.args:
        for target in _functions(linked.types(function, arg)):
            yield target, context
        for key, (place, var) in _members(constants, function, arg):
            if key in ("handler", "preHandler", "onRequest", "fetch", "handle"):
                for target in _functions(linked.types(place, var)):
                    yield target, context


def _members(constants: Constants, function: FunctionId, arg: ir.Var) -> list[tuple[str, tuple[FunctionId, ir.Var]]]:
    return sorted(constants.items(function, arg).items()) if constants.build(function, arg) else []


def _functions(types: Types) -> list[FunctionId]:
    found = []
    for one in sorted(types):
        inner = one[1:] if one[0] == "item" else one
        if inner[0] == "function":
            found.append((inner[1], inner[2]))
    return found


def _context(linked: Linked, constants: Constants, function: FunctionId, call: ir.Call) -> Context | None:
    method = call.method or ""
    if call.receiver is None:
        name = (constants.path(function, call.func) or "").rpartition(":")[2].rpartition(".")[2]
        if name in ("setInterval",):
            return Context.JOB
        if name in ("createServer", "defineEventHandler", "eventHandler", "withApiAuthRequired", "asyncHandler"):
            return Context.HANDLER
        if name in ("onRequest", "onCall", "onSchedule", "onMessagePublished"):
            return Context.SERVERLESS
        return Context.JOB if call.new and name == "Worker" and _is_queue(constants, function, call) else None
    receiver = constants.path(function, call.receiver) or ""
    if method in _VERBS and _is_router(linked, constants, function, call, receiver):
        return Context.HANDLER
    if method == "route" and call.args and constants.build(function, call.args[0]) is not None:
        return Context.HANDLER
    if method in ("createServer", "addHook"):
        return Context.HANDLER
    if method in ("on", "addListener") and len(call.args) == 2:
        event = constants.value(function, call.args[0])
        is_server = re.search(r"(server|wss|ws|io|socket|consumer|worker|queue|bot|client)$", receiver, re.IGNORECASE)
        return Context.HANDLER if event is not None and event.value in _EVENTS and is_server else None
    if method in ("schedule", "scheduleJob", "process", "define", "consume", "add_job") and len(call.args) >= 1:
        lower = receiver.lower()
        queues = ("cron", "schedule", "queue", "agenda", "boss", "channel", "worker", "job")
        return Context.JOB if any(word in lower for word in queues) else None
    if method in ("onRequest", "onCall", "onRun", "http"):
        return Context.SERVERLESS
    if method in ("query", "mutation", "subscription") and len(call.args) == 1:
        return Context.HANDLER if "procedure" in receiver.lower() else None
    return None


def _is_queue(constants: Constants, function: FunctionId, call: ir.Call) -> bool:
    return "bullmq" in (constants.path(function, call.func) or "") and len(call.args) >= 2


def _is_router(linked: Linked, constants: Constants, function: FunctionId, call: ir.Call, receiver: str) -> bool:
    """An app or router by name or by origin, with a path (or `use`) and a function among the arguments."""
    handlers = any(_functions(linked.types(function, arg)) for arg in call.args)
    if not handlers and not any(constants.build(function, arg) for arg in call.args[1:]):
        return False
    first = constants.value(function, call.args[0])
    is_path = first is not None and isinstance(first.value, str) and first.value[:1] in ("/", "*", "")
    if call.method == "use":
        return bool(_ROUTERS.search(receiver) or is_path)
    return is_path or bool(_ROUTERS.search(receiver) and len(call.args) >= 2)


def _exports(linked: Linked, path: str, module: ir.Module) -> Iterator[Root]:
    """Functions that a platform finds by file name and exported name."""
    names = linked.inference.names
    for export in module.exports:
        context = _exported(path, export.name)
        if context is None:
            continue
        for target in _functions(names.exported(path, export.name)):
            yield target, Context.HANDLER
            if context is Context.SERVERLESS:
                yield target, Context.SERVERLESS
        if export.name == "default":
            for one in sorted(names.exported(path, export.name)):
                if one[0] == "object":
                    for target in _functions(linked.inference.loaded(frozenset({one}), "fetch")):
                        yield target, Context.SERVERLESS


def _exported(path: str, name: str) -> Context | None:
    if name in ("handler", "lambdaHandler", "lambda_handler"):
        return Context.SERVERLESS
    if name in _HTTP and (_NEXT_ROUTE.search(path) or _SVELTE.search(path)):
        return Context.SERVERLESS if _NEXT_ROUTE.search(path) else Context.HANDLER
    if name == "default" and _NEXT_API.search(path):
        return Context.SERVERLESS
    if name == "default" and (_NEXT_PAGE.search(path) or _NITRO.search(path) or _FUNCTIONS.search(path)):
        return Context.HANDLER
    if name in ("getServerSideProps", "generateMetadata") and (_NEXT_PAGES.search(path) or _NEXT_PAGE.search(path)):
        return Context.HANDLER
    if name in ("loader", "action") and _REMIX.search(path):
        return Context.HANDLER
    if name in ("load", "actions") and _SVELTE.search(path):
        return Context.HANDLER
    return Context.SERVERLESS if name == "default" and _is_worker(path) else None


def _is_worker(path: str) -> bool:
    return re.search(r"(^|/)(src/)?(worker|index)\.[jt]s$", path) is not None
