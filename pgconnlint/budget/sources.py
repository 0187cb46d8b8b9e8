"""Which source a container runs: build context, Dockerfile, image name, directory layout, entry command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from posixpath import dirname

from pgconnlint.budget.declaring import declared_pool
from pgconnlint.budget.entries import entry_files
from pgconnlint.budget.known_images import known_pool, runs_tasks
from pgconnlint.budget.layout import application, below, copied, folder_names, is_test, plain, short
from pgconnlint.budget.model import Missing
from pgconnlint.budget.reaching import Reach
from pgconnlint.budget.roles import is_task
from pgconnlint.budget.starting import forks, started
from pgconnlint.config import Config, Service
from pgconnlint.infra.dockerfile import Image
from pgconnlint.infra.model import Build, Container, Infrastructure, WorkloadDeclaration
from pgconnlint.infra.resource import Value, text
from pgconnlint.program.facts import Context, PoolFact
from pgconnlint.syntax.files import Files

_SCRIPT = frozenset({Context.TEST, Context.SCRIPT})
_SERVERLESS = frozenset({"lambda", "cloudrun", "function"})
_REPLICA = re.compile(r"REPLICA|READ_?ONLY|READER|SHADOW|DIRECT|MIGRAT", re.IGNORECASE)
_MOST_NAMED = 4


def serving_pools(pools: Sequence[PoolFact]) -> list[PoolFact]:
    """Pools of programs that are deployed: not those that tests, seeds and samples make for themselves."""
    return [pool for pool in pools if not is_test(pool.at.path)]


def _is_script(pool: PoolFact) -> bool:
    """Made where a file is run by hand: it counts where a container runs that very file."""
    return Context.SCRIPT in pool.contexts and pool.contexts <= _SCRIPT


def _distinct(pools: Sequence[PoolFact]) -> list[PoolFact]:
    """Pools that exist side by side: of those one function gives the same name, one; connections without a pool, once.

    `if (url) sequelize = new Sequelize(url) else sequelize = new Sequelize(...)` makes one pool. Beside NestJS's own
    data source, the one that TypeORM's command line is given (`export default new DataSource(options)`) opens nothing.
    """
    kept: dict[tuple[str, ...], PoolFact] = {}
    nest = any(pool.call.startswith("TypeOrmModule.forRoot") for pool in pools)
    for pool in pools:
        if nest and pool.row == "typeorm.DataSource" and pool.call.startswith("new "):
            continue
        place = (pool.at.path, pool.function, pool.row, pool.name) if pool.name else (str(pool.at), pool.row)
        key = ("unpooled",) if pool.unpooled else place
        other = kept.get(key)
        if other is None or (
            not pool.unpooled and (pool.size or 0) + pool.overflow > (other.size or 0) + other.overflow
        ):
            kept[key] = pool
    return list(kept.values())


def _set(pools: Sequence[PoolFact], container: Container) -> list[PoolFact]:
    """Without the pools of replicas and migrations whose address is not given to this container."""
    given = container.environment_variables
    return [
        pool
        for pool in pools
        if not (pool.url_variable and _REPLICA.search(pool.url_variable) and pool.url_variable not in given)
    ]


def _weight(pool: PoolFact) -> tuple[bool, int]:
    """The larger pool counts; one of unknown size may be any."""
    return pool.size is None, (pool.size or 0) + pool.overflow


class Sources:
    """The project's pools and what is known of images; asked which pools a container's program creates."""

    def __init__(
        self, pools: Sequence[PoolFact], infrastructure: Infrastructure, config: Config, files: Files | None
    ) -> None:
        self.pools = serving_pools(pools)
        self._images = infrastructure.images
        self._builds = (*infrastructure.builds, *_composed(infrastructure))
        self._workloads = infrastructure.workloads
        self._builds_here = any(one.build is not None for each in self._workloads for one in each.containers)
        self._config = config
        self._files = files

    @cached_property
    def _reach(self) -> Reach | None:
        return Reach(self._files) if self._files is not None else None

    def of(
        self,
        workload: WorkloadDeclaration,
        container: Container,
        peers: Sequence[WorkloadDeclaration],
        service: Service | None,
    ) -> list[PoolFact] | None:
        """The pools the container's program creates; None when it cannot be told which source it runs.

        Asked in this order: the configuration, what is built, the image's and workload's name among the source's
        folders; the only client of a repository with one application runs that application. Where several files
        make pools, those that the entry command reaches count.
        """
        if service is not None and service.pool is not None:
            return [declared_pool(service.pool, workload.name)]
        if service is not None and service.path is not None:
            return [pool for pool in self.pools if below(pool.at.path, service.path)]
        base = self._base(container)
        known = known_pool(container, base)
        if known is not None:
            return [known]
        if runs_tasks(container, base):
            return None
        found = self.built(container, peers) or self.named(workload, container)
        if not found and len({peer.name for peer in peers}) == 1 and not self._foreign(workload, container):
            found = self.pools if len({application(pool.at.path) for pool in self.pools}) <= 1 else []
        if not found:
            return None
        reached = self._reached(container, _set(found, container), sure=is_task(workload))
        return _distinct(reached) if reached is not None else None

    def built(self, container: Container, peers: Iterable[WorkloadDeclaration]) -> list[PoolFact]:
        """The pools below the container's build context, as far as its Dockerfile copies them into the image."""
        build = self._build(container)
        if build is None:
            return []
        context = build.context
        found = [pool for pool in self.pools if below(pool.at.path, context)]
        image = self._image(build)
        if image is not None:
            inside = [pool for pool in found if copied(pool.at.path, context, image)]
            found = inside or found
        if build.dockerfile is not None and not below(context, dirname(build.dockerfile)):
            own = dirname(build.dockerfile)
            beside = [pool for pool in found if below(pool.at.path, own)]
            homes = {
                one.folder for one in self._images if one.folder not in (own, context) and below(one.folder, context)
            }
            shared = [pool for pool in found if not any(below(pool.at.path, home) for home in homes)]
            found = beside or shared  # what other images are made of is theirs
        others = {one.build for peer in peers for one in peer.containers if one.build} - {context}
        deeper = [other for other in others if below(other, context)]
        found = [pool for pool in found if not any(below(pool.at.path, other) for other in deeper)]
        words = {plain(word) for word in re.split(r"[-_/:.]", f"{container.name}-{short(text(container.image) or '')}")}
        start = len(context) + 1 if context else 0
        # one context for several programs: the one in the folder that the service or image is called after
        return [pool for pool in found if plain(pool.at.path[start:].split("/")[0]) in words] or found

    def _foreign(self, workload: WorkloadDeclaration, container: Container) -> bool:
        """Its source may be anywhere: a function's package, an image in Compose files that build their own."""
        return workload.kind in _SERVERLESS or (
            workload.kind == "compose.service" and container.build is None and self._builds_here
        )

    def _base(self, container: Container) -> str:
        build = self._build(container)
        image = self._image(build) if build is not None else None
        return image.base if image is not None else ""

    def _build(self, container: Container) -> Build | None:
        if container.build is not None:
            return Build("", container.build, container.at, container.dockerfile)
        name = short(text(container.image) or "")
        found = [one for one in self._builds if one.image and short(one.image) == name]
        return found[0] if len({(one.context, one.dockerfile) for one in found}) == 1 else None

    def _image(self, build: Build) -> Image | None:
        if build.dockerfile is not None:
            return next((one for one in self._images if one.path == build.dockerfile), None)
        near = [one for one in self._images if one.folder == build.context]
        return min(near, key=lambda one: (one.path.rsplit("/", 1)[-1] != "Dockerfile", one.path), default=None)

    def named(self, workload: WorkloadDeclaration, container: Container) -> list[PoolFact]:
        """The pools below a folder that is called like the image, the container, the workload or its package."""
        image = short(text(container.image) or "")
        for name in (image, re.split(r"[_/]", image)[-1], container.name, workload.name, *packages_of(workload)):
            for wanted in folder_names(name):
                found = [
                    pool
                    for pool in self.pools
                    if wanted and any(wanted in folder_names(part) for part in pool.at.path.split("/")[:-1])
                ]
                if found:
                    return found
        folder = self._reach.packages.get(image) if self._reach is not None and image else None
        return [pool for pool in self.pools if below(pool.at.path, folder)] if folder is not None else []

    def _reached(self, container: Container, pools: list[PoolFact], *, sure: bool) -> list[PoolFact] | None:
        """Those of ``pools`` in files that the container's entry command loads; None where it loads none of them.

        Where that cannot be told, those in files that something loads: what nothing loads is a program of its own.
        ``sure``: only what is reached counts: migrations and backups share an image with what serves.
        """
        if self._reach is None or (not sure and len({pool.at.path for pool in pools}) < 2):
            return pools
        entries = self._entries(container, pools)
        reached = self._reach.closure(entries)
        inside = [pool for pool in pools if pool.at.path in reached]
        if sure or inside:
            return inside
        if entries and not self._reach.by_name(sorted(reached)):
            return None
        serving = [pool for pool in pools if not _is_script(pool)] or pools
        return [pool for pool in serving if pool.at.path in self._reach.loaded] or serving

    def _entries(self, container: Container, pools: Sequence[PoolFact]) -> list[str]:
        if self._reach is None:
            return []
        build = self._build(container)
        folders = [build.context] if build is not None else sorted({dirname(pool.at.path) for pool in pools})
        if build is not None and build.dockerfile is not None and below(build.dockerfile, build.context):
            folders.append(dirname(build.dockerfile))
        return entry_files(self.as_built(container, pools[0]), list(dict.fromkeys(folders)), self._reach)

    def started(self, container: Container, pool: PoolFact) -> tuple[Container, Value | None]:
        """(the container with the command that runs in the end, the processes its own entry file forks)."""
        whole = self.as_built(container, pool)
        if self._reach is None:
            return whole, None
        build = self._build(container)
        folder = build.context if build is not None else self._home(pool.at.path)
        forked = forks(self._entries(container, [pool]), self._reach) if pool.language == "javascript" else None
        return started(whole, "" if folder == "." else folder, self._reach), forked

    def _home(self, path: str) -> str:
        """The nearest folder above a source file that has a Dockerfile or a package.json."""
        folder = dirname(path)
        homes = {one.folder for one in self._images}
        files = self._files or ()
        while folder and folder not in homes and f"{folder}/package.json" not in files:
            folder = dirname(folder)
        return folder

    def as_built(self, container: Container, pool: PoolFact) -> Container:
        """The container with what its image says where the deployment says nothing.

        The image is the one it is built from, else that whose Dockerfile stands nearest above the pool's source.
        """
        if container.command:
            return container
        build = self._build(container)
        image = self._image(build) if build is not None else None
        if image is None:
            near = [one for one in self._images if below(pool.at.path, one.folder or ".")]
            image = max(near, key=lambda one: (len(one.folder), one.path.endswith("Dockerfile")), default=None)
        if image is None:
            return container
        arguments = container.arguments or image.command
        variables = {**image.environment, **container.environment_variables}
        return replace(container, command=image.entrypoint, arguments=arguments, environment_variables=variables)

    def missing(self, workload: WorkloadDeclaration, peers: Sequence[WorkloadDeclaration]) -> Missing:
        """What to declare where it cannot be told which source a workload runs: a folder that no other client runs."""
        clients = [(peer, one) for peer in self._workloads for one in peer.containers if peer.name != workload.name]
        taken = [pool for peer, one in clients for pool in (self.built(one, peers) or self.named(peer, one))]
        free = [pool for pool in self.pools if pool not in taken]
        folders = sorted({application(pool.at.path) or dirname(pool.at.path) or "." for pool in free})
        if not folders or all(self._foreign(workload, one) for one in workload.containers):
            what = f"how many connections a process of `{workload.name}` opens: no pool of its source was found"
            return Missing(what, "service", (("workload", workload.name), ("pool", None)))
        named = ", ".join(f"`{one}`" for one in folders[:_MOST_NAMED]) + (" ..." if len(folders) > _MOST_NAMED else "")
        what = f"which source `{workload.name}` runs ({named})"
        return Missing(what, "service", (("workload", workload.name), ("path", folders[0])))


def _composed(infrastructure: Infrastructure) -> list[Build]:
    """Images that one Compose service builds and others run."""
    found = []
    for workload in infrastructure.workloads:
        for one in workload.containers:
            name = short(text(one.image) or "")
            if one.build is not None and name:
                found.append(Build(name, one.build, one.at, one.dockerfile))
    return found


def packages_of(workload: WorkloadDeclaration) -> tuple[str, ...]:
    """Names a function's package gives its source: `serverless.zip`, `dist/mailer.zip`, `../functions/mailer`."""
    if workload.kind not in _SERVERLESS or workload.resource is None:
        return ()
    written = (text(workload.resource.attributes.items.get(key)) for key in ("filename", "source_dir", "s3_key"))
    return tuple(re.sub(r"\.(zip|jar|tgz)$", "", one.rsplit("/", 1)[-1]) for one in written if one)
