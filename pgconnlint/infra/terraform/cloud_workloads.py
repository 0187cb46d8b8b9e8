"""Cloud Run, Cloud Functions and Azure Container Apps as workloads."""

from __future__ import annotations

from pgconnlint.infra.model import Container, WorkloadDeclaration
from pgconnlint.infra.resource import Mapping, Resource, Unknown, Value, sequence, text
from pgconnlint.infra.terraform.lookup import Lookup, block, blocks, inside, named_secret, references

_MAX_SCALE = "autoscaling.knative.dev/maxScale"


def workloads(lookup: Lookup) -> list[WorkloadDeclaration]:
    return [
        *(_run(item, _v1_scale(item)) for item in lookup.of("google_cloud_run_service")),
        *(_run(item, _v2_scale(item)) for item in lookup.of("google_cloud_run_v2_service")),
        *(_gcf(item) for item in lookup.of("google_cloudfunctions_function", "google_cloudfunctions2_function")),
        *(_container_app(item) for item in lookup.of("azurerm_container_app")),
    ]


def _v1_scale(item: Resource) -> Value | None:
    found = inside(item.attributes, "template", "metadata", "annotations", _MAX_SCALE)
    return found if found is not None else inside(item.attributes, "metadata", "annotations", _MAX_SCALE)


def _v2_scale(item: Resource) -> Value | None:
    found = inside(item.attributes, "template", "scaling", "max_instance_count")
    return found if found is not None else inside(item.attributes, "scaling", "max_instance_count")


def _run(item: Resource, scale: Value | None) -> WorkloadDeclaration:
    template = block(item.attributes.get("template"))
    spec = block(template.get("spec")) if template is not None else None
    written = (spec or template or Mapping({}, item.at)).get("containers")
    containers = tuple(_container(one, item) for one in blocks(written))
    return WorkloadDeclaration(
        name=text(item.attributes.get("name")) or item.name,
        kind="cloudrun",
        at=item.at,
        environment=item.environment,
        containers=containers,
        concurrency=scale,
        references=_references(item, containers),
        resource=item,
        origin=item.origin,
    )


def _references(item: Resource, containers: tuple[Container, ...]) -> tuple[str, ...]:
    """What the resource and its containers' variables refer to."""
    variables = [value for one in containers for value in one.environment_variables.values()]
    found = dict.fromkeys(references(item.attributes))
    for value in variables:
        found.update(dict.fromkeys(references(value)))
    return tuple(found)


def _container(written: Mapping, item: Resource) -> Container:
    variables: dict[str, Value] = {}
    for entry in blocks(written.get("env")):
        key, held = text(entry.get("name")), entry.get("value")
        if key is None:
            continue
        if held is None:
            secret = entry.get("value_source") or entry.get("value_from") or entry.get("secret_name")
            name = inside(entry, "value_source", "secret_key_ref", "secret") or inside(
                entry, "value_from", "secret_key_ref", "name"
            )
            held = Unknown("a secret", entry.at, (*named_secret(name), *references(secret)))
        variables[key] = held
    return Container(
        name=text(written.get("name")) or item.name,
        image=written.get("image"),
        at=written.at,
        command=sequence(written.get("command")),
        arguments=sequence(written.get("args")),
        environment_variables=variables,
    )


def _gcf(item: Resource) -> WorkloadDeclaration:
    attributes = item.attributes
    service = block(attributes.get("service_config")) or attributes
    values = service.get("environment_variables")
    limit = service.get("max_instance_count") or service.get("max_instances")
    container = Container(item.name, None, item.at, environment_variables=_variables(values))
    return WorkloadDeclaration(
        name=text(attributes.get("name")) or item.name,
        kind="function",
        at=item.at,
        environment=item.environment,
        containers=(container,),
        concurrency=limit,
        references=references(attributes),
        resource=item,
        origin=item.origin,
    )


def _variables(value: Value | None) -> dict[str, Value]:
    return dict(value.items) if isinstance(value, Mapping) else {}


def _container_app(item: Resource) -> WorkloadDeclaration:
    template = block(item.attributes.get("template")) or Mapping({}, item.at)
    containers = tuple(_container(one, item) for one in blocks(template.get("container")))
    return WorkloadDeclaration(
        name=text(item.attributes.get("name")) or item.name,
        kind="containerapp",
        at=item.at,
        environment=item.environment,
        replicas=template.get("min_replicas"),
        max_replicas=template.get("max_replicas"),
        min_replicas=template.get("min_replicas"),
        autoscaler_at=template.key_at("max_replicas"),
        containers=containers,
        references=references(item.attributes),
        resource=item,
        origin=item.origin,
    )
