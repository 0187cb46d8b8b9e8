"""ECS services, Lambda functions and App Runner as workloads."""

from __future__ import annotations

from pgconnlint.infra.model import Container, WorkloadDeclaration
from pgconnlint.infra.resource import Known, Mapping, Resource, Unknown, Value, integer, sequence, text
from pgconnlint.infra.terraform.decoding import structure
from pgconnlint.infra.terraform.lookup import Lookup, block, blocks, inside, named_secret, references

_MIB = 1024**2


def workloads(lookup: Lookup) -> list[WorkloadDeclaration]:
    services = [one for item in lookup.of("aws_ecs_service") if (one := _service(item, lookup))]
    functions = [_function(item) for item in lookup.of("aws_lambda_function")]
    return [*services, *functions, *(_apprunner(item, lookup) for item in lookup.of("aws_apprunner_service"))]


def _service(item: Resource, lookup: Lookup) -> WorkloadDeclaration | None:
    attributes = item.attributes
    task = lookup.target(attributes.get("task_definition"), ("aws_ecs_task_definition",), ("family", "arn"), item)
    definitions = structure(task.attributes.get("container_definitions")) if task is not None else None
    containers = tuple(
        _container(one, item) for one in blocks(definitions) if one.items.get("name") or one.items.get("image")
    )
    scaling = _scaling(item, lookup)
    controller = text(inside(attributes, "deployment_controller", "type"))
    daemon = text(attributes.get("scheduling_strategy")) == "DAEMON"
    replicas = attributes.get("desired_count")
    return WorkloadDeclaration(
        name=text(attributes.get("name")) or item.name,
        kind="DaemonSet" if daemon else "ecs",
        at=item.at,
        environment=item.environment,
        replicas=replicas if replicas is not None else Unknown("`desired_count` is not written", item.at),
        max_replicas=scaling.attributes.get("max_capacity") if scaling is not None else None,
        min_replicas=scaling.attributes.get("min_capacity") if scaling is not None else None,
        surge=_surge(attributes),
        strategy="BlueGreen" if controller == "CODE_DEPLOY" else "RollingUpdate",
        containers=containers,
        autoscaler_at=scaling.at if scaling is not None else None,
        references=_references(item, task, containers),
        resource=item,
        origin=item.origin,
    )


def _references(item: Resource, task: Resource | None, containers: tuple[Container, ...]) -> tuple[str, ...]:
    found = dict.fromkeys(references(item.attributes))
    if task is not None:
        found.update(dict.fromkeys(references(task.attributes)))
    for container in containers:
        for value in container.environment_variables.values():
            found.update(dict.fromkeys(references(value)))
    return tuple(found)


def _surge(attributes: Mapping) -> Value | None:
    """`deployment_maximum_percent` (200 unless written) as what comes on top of the desired count."""
    percent = attributes.get("deployment_maximum_percent")
    match percent:
        case Unknown():
            return percent
        case Known(at=at) if (number := integer(percent)) is not None:
            return Known(f"{max(0, number - 100)}%", at)
    return Known("100%", attributes.at)


def _scaling(item: Resource, lookup: Lookup) -> Resource | None:
    """The autoscaling target whose resource id is `service/<cluster>/<this service>`."""
    name = text(item.attributes.get("name"))
    base = item.address.split("[")[0]
    for target in lookup.of("aws_appautoscaling_target"):
        if text(target.attributes.get("service_namespace")) not in ("ecs", None):
            continue
        written = target.attributes.get("resource_id")
        match written:
            case Known():
                if name is not None and (text(written) or "").split("/")[-1] == name:
                    return target
            case Unknown(references=found, text=partly):
                if item.address in found or base in found or (name is not None and partly.endswith(f"/{name}")):
                    return target
    return None


def _container(written: Mapping, item: Resource) -> Container:
    variables: dict[str, Value] = {}
    for entry in blocks(written.get("environment")):
        key, held = text(entry.get("name")), entry.get("value")
        if key is not None and held is not None:
            variables[key] = held
    for entry in blocks(written.get("secrets")):
        key, origin = text(entry.get("name")), entry.get("valueFrom")
        if key is not None:
            at = origin.at if origin is not None else entry.at
            variables[key] = Unknown("a secret", at, named_secret(origin))
    memory = integer(written.get("memory")) or integer(written.get("memoryReservation"))
    ports = [integer(entry.get("containerPort")) for entry in blocks(written.get("portMappings"))]
    return Container(
        name=text(written.get("name")) or item.name,
        image=written.get("image"),
        at=written.at,
        command=sequence(written.get("entryPoint")),
        arguments=sequence(written.get("command")),
        environment_variables=variables,
        memory_bytes=memory * _MIB if memory else None,
        ports=tuple(port for port in ports if port is not None),
    )


def variables_of(value: Value | None) -> dict[str, Value]:
    """A map of environment variables."""
    return dict(value.items) if isinstance(value, Mapping) else {}


def _function(item: Resource) -> WorkloadDeclaration:
    attributes = item.attributes
    reserved = attributes.get("reserved_concurrent_executions")
    if integer(reserved) == -1:
        reserved = None
    container = Container(
        name=item.name,
        image=attributes.get("image_uri"),
        at=item.at,
        environment_variables=variables_of(inside(attributes, "environment", "variables")),
        build=_build(attributes),
    )
    return WorkloadDeclaration(
        name=text(attributes.get("function_name")) or item.name,
        kind="lambda",
        at=item.at,
        environment=item.environment,
        containers=(container,),
        concurrency=reserved,
        references=references(attributes),
        resource=item,
        origin=item.origin,
    )


def _build(attributes: Mapping) -> str | None:
    """The folder a function's package is made of, where the file name says so."""
    package = text(attributes.get("filename")) or text(attributes.get("source_dir"))
    if package is None or package.startswith(("/", "..")):
        return None
    folder = package.rsplit("/", 1)[0] if "/" in package else ""
    return folder or None


def _apprunner(item: Resource, lookup: Lookup) -> WorkloadDeclaration:
    attributes = item.attributes
    repository = block(inside(attributes, "source_configuration", "image_repository"))
    variables = inside(repository, "image_configuration", "runtime_environment_variables")
    scaling = lookup.target(
        attributes.get("auto_scaling_configuration_arn"),
        ("aws_apprunner_auto_scaling_configuration_version",),
        ("arn",),
    )
    container = Container(
        name=item.name,
        image=repository.get("image_identifier") if repository else None,
        at=item.at,
        environment_variables=variables_of(variables),
    )
    return WorkloadDeclaration(
        name=text(attributes.get("service_name")) or item.name,
        kind="cloudrun",
        at=item.at,
        environment=item.environment,
        containers=(container,),
        concurrency=scaling.attributes.get("max_size") if scaling is not None else None,
        references=references(attributes),
        resource=item,
        origin=item.origin,
    )
