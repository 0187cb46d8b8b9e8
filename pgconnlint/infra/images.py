"""Reader of Dockerfiles: what an image runs when nothing else is said."""

from __future__ import annotations

from pgconnlint.config import Config
from pgconnlint.infra.dockerfile import image
from pgconnlint.infra.model import Infrastructure
from pgconnlint.syntax.files import Files


def read(files: Files, config: Config) -> Infrastructure:
    """The last stage of every Dockerfile among ``files``."""
    documents = [files.document(path) for path in files.of("dockerfile")]
    return Infrastructure(images=tuple(image(document) for document in documents if document is not None))
