"""`.Capabilities`: a current cluster, with the kinds of add-ons that charts ask for."""

from __future__ import annotations

import re

from pgconnlint.infra.helm.data import Datum, EvaluationError, Method, Table, boolean, strval
from pgconnlint.infra.helm.traced import Traced

VERSION = "v1.33.0"

_BUILT_IN = {
    "v1": (), "apps": ("v1",), "batch": ("v1",), "autoscaling": ("v1", "v2"), "policy": ("v1",),
    "networking.k8s.io": ("v1",), "rbac.authorization.k8s.io": ("v1",), "storage.k8s.io": ("v1",),
    "apiextensions.k8s.io": ("v1",), "admissionregistration.k8s.io": ("v1",), "scheduling.k8s.io": ("v1",),
    "coordination.k8s.io": ("v1",), "discovery.k8s.io": ("v1",), "events.k8s.io": ("v1",), "extensions": (),
    "certificates.k8s.io": ("v1",), "node.k8s.io": ("v1",), "authentication.k8s.io": ("v1",),
    "flowcontrol.apiserver.k8s.io": ("v1",), "authorization.k8s.io": ("v1",),
}  # fmt: skip
"""API groups of Kubernetes itself and the versions a current cluster serves."""

_ABSENT = re.compile(r"openshift\.io|knative|gke\.io|cattle\.io|tanzu|pivotal|certmanager\.k8s\.io|eks\.amazonaws")


def capabilities() -> Table:
    """The object; platform-specific APIs are absent, other add-ons present."""
    major, minor = VERSION.removeprefix("v").split(".")[:2]
    version: dict[str, Datum] = {
        "Version": Traced(VERSION),
        "GitVersion": Traced(VERSION),
        "Major": Traced(major),
        "Minor": Traced(minor),
    }
    helm: dict[str, Datum] = {"Version": Traced("v3.17.0"), "GitCommit": Traced(""), "GoVersion": Traced("go1.23")}
    return Table(
        {
            "KubeVersion": Table(version),
            "HelmVersion": Table(helm),
            "APIVersions": Table(methods={"Has": Method("Has", _has)}),
        }
    )


def _has(arguments: tuple[Datum, ...]) -> Datum:
    if len(arguments) != 1:
        raise EvaluationError("`Has` wants one API version")
    group, _, rest = strval(arguments[0]).text.partition("/")
    version = rest.partition("/")[0]
    if group == "v1":
        return boolean(True)
    if group in _BUILT_IN:
        return boolean(version in _BUILT_IN[group])
    return boolean(not _ABSENT.search(group))
