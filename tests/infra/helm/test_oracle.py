"""The built-in renderer against Go's own text/template with real sprig."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from pgconnlint.infra.helm.data import Table
from pgconnlint.infra.helm.documents import read_yaml
from pgconnlint.infra.helm.render import Engine
from pgconnlint.infra.helm.traced import ABSENT, PLACEHOLDER, Traced, of_file
from pgconnlint.syntax.gotokens import TemplateError

HERE = Path(__file__).parent / "oracle"
ROOT = Path(__file__).parents[3]
TEMPLATES = HERE.joinpath("templates.txt").read_bytes().decode().removesuffix("\n").split("\n%%%%\n")
VALUES = HERE.joinpath("values.yaml").read_text("utf-8")

DIFFERENT = {
    "{{ break }}": "Go refuses to parse it; nothing is wrong with leaving it out",
    '{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}{{ include "a" . }}': "Helm lets later files redefine names",
}
"""Templates where we differ on purpose, with the reason."""


@pytest.fixture(scope="session")
def expected() -> list[dict[str, str]]:
    """What Go makes of every template; skips where it cannot be built."""
    environment = dict(os.environ)
    packaged = Path(sysconfig.get_path("purelib")) / "go/bin/go"
    if "GO" not in environment and shutil.which("go") is None and packaged.exists():
        environment["GO"] = str(packaged)
    script = str(ROOT / "scripts/build_gorender.sh")
    built = subprocess.run([script], capture_output=True, text=True, check=False, env=environment)
    if built.returncode == 3:
        pytest.skip(f"the Go oracle cannot be built here: {built.stderr.strip()}")
    assert built.returncode == 0, built.stderr
    inputs = json.dumps([{"template": one, "values": VALUES} for one in TEMPLATES])
    ran = subprocess.run([built.stdout.strip()], input=inputs, capture_output=True, text=True, check=True)
    answers: list[dict[str, str]] = json.loads(ran.stdout)
    return answers


def render(template: str) -> str | None:
    """Our output; None where the template is refused."""
    values = read_yaml(of_file("values.yaml", VALUES))[0][0]
    chart = Table({"Name": Traced("demo"), "Version": Traced("1.2.3+4")})
    release = Table({"Name": Traced("rel"), "Namespace": Traced("default"), "Service": Traced("Helm")})
    engine = Engine()
    try:
        body = engine.define(of_file("t.yaml", template))
    except TemplateError:
        return None
    return engine.run(body, Table({"Values": values, "Release": release, "Chart": chart})).text.replace(ABSENT, "")


@pytest.mark.parametrize("number", range(len(TEMPLATES)), ids=lambda number: TEMPLATES[number][:40])
def test_same_as_go(number: int, expected: list[dict[str, str]]) -> None:
    template, wanted = TEMPLATES[number], expected[number]
    made = render(template)
    if template in DIFFERENT:
        assert wanted["error"], "no longer different"
    elif wanted["error"]:
        assert made is None or PLACEHOLDER in made, wanted["error"]
    else:
        assert made == wanted["output"]
