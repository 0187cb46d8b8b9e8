"""Expressions, variables, modules and templates of Terraform."""

from __future__ import annotations

import pytest

from pgconnlint.infra.resource import Known, Mapping, Sequence, Unknown
from tests.infra.terraform_stacks import evaluated, infrastructure, plain


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"plain"', "plain"),
        ("1 + 2 * 3 - 4 / 2", 5),
        ("7 % 4", 3),
        ("-2.5", -2.5),
        ("!true || 2 >= 1 && 1 != 2", True),
        ('1 == 1 ? "yes" : "no"', "yes"),
        ('"a${1 + 1}b"', "a2b"),
        ('"${5}"', 5),
        ('"\\"q\\" \\n $${x} %%{y} \\u00e9"', '"q" \n ${x} %{y} é'),
        ("[1, 2, 3][1]", 2),
        ('{ a = { "b" : 5 } }.a.b', 5),
        ('[for s in ["a", "b"] : upper(s) if s != "b"]', ["A"]),
        ('{ for k, v in { x = 1, y = 2 } : "${k}!" => v * 2 }', {"x!": 2, "y!": 4}),
        ('{ for s in ["ab", "ac", "b"] : substr(s, 0, 1) => s... }', {"a": ["ab", "ac"], "b": ["b"]}),
        ("[{ n = 1 }, { n = 2 }][*].n", [1, 2]),
        ('"%{ if false }x%{ else }y%{ endif }"', "y"),
        ('"%{ for i in [1, 2] }${i},%{ endfor }"', "1,2,"),
        ("merge({ a = 1, b = 1 }, { b = 2 }, null)", {"a": 1, "b": 2}),
        ('lookup({ a = 1 }, "b", 9)', 9),
        ('try({ a = 1 }.b, { a = 1 }["c"], "last")', "last"),
        ("can({ a = 1 }.b)", False),
        ('try({ a = 1 }.b.c, [][0].x, [][var.unknown].y, "last")', "last"),
        ('coalesce(null, "", "x")', "x"),
        ("concat([1], [2, 3])", [1, 2, 3]),
        ("flatten([[1, [2]], [3]])", [1, 2, 3]),
        ("length([1, 2])", 2),
        ('element(["a", "b"], 3)', "b"),
        ('join("-", ["a", "b"])', "a-b"),
        ('split(",", "a,b")', ["a", "b"]),
        ('format("%s-%03d", "x", 7)', "x-007"),
        ('replace("a.b.c", ".", "-")', "a-b-c"),
        ('regex("^db\\\\.([a-z0-9]+)", "db.t3.medium")', ["t3"]),
        ('tonumber("5") + 1', 6),
        ("tostring(5)", "5"),
        ("floor(250 * 0.8)", 200),
        ("max(1, 5, 3)", 5),
        ('contains(["a"], "a")', True),
        ("keys({ b = 1, a = 2 })", ["a", "b"]),
        ("values({ b = 1, a = 2 })", [2, 1]),
        ('zipmap(["a", "b"], [1, 2])', {"a": 1, "b": 2}),
        ('jsondecode("{\\"a\\": [1, true]}").a[1]', True),
        ("jsonencode({ a = 1 })", {"a": 1}),
        ('"x${jsonencode({ a = 1 })}"', 'x{"a":1}'),
        ('yamldecode("a: 5").a', 5),
        ('toset(["b", "a", "b"])', ["a", "b"]),
        ("sum([1, 2])", 3),
        ("range(3)", [0, 1, 2]),
        ("one([])", None),
        ("(1 + 2) * 3", 9),
        ("max([1, 2]...)", 2),
        ('trimprefix("v1", "v")', "1"),
        ("uuid()", "?"),
        ("nothing(1)", "?"),
        ("data.aws_caller_identity.me.account_id", "?"),
        ("terraform.workspace", "?"),
    ],
)
def test_expressions(expression: str, expected: object) -> None:
    assert evaluated(expression) == expected


def test_heredocs_lose_their_indentation() -> None:
    assert evaluated("<<-EOT\n    a:\n      b: ${1 + 1}\n    EOT\n") == "a:\n  b: 2\n"
    assert evaluated("<<EOT\n  a\nEOT\n") == "  a\n"


def test_variables_locals_types_and_optional_defaults() -> None:
    more = """
variable "size" {
  type    = number
  default = "5"
}
variable "pool" {
  type = object({
    size     = optional(number, 7)
    overflow = optional(number)
    name     = string
  })
  default = { name = "p" }
}
locals {
  doubled = var.size * 2
  pool    = var.pool.size + local.doubled
  loop    = local.pool2
  pool2   = local.loop
}
variable "nothing" {}
"""
    assert evaluated("var.size", more) == 5
    assert evaluated("local.pool", more) == 17
    assert evaluated("var.pool.overflow == null", more) is True
    assert evaluated("local.loop", more) == "?"
    assert evaluated("var.nothing", more) == "?"
    assert evaluated('var.nothing ? "a" : "a"', more) == "a"
    assert evaluated("var.nothing && false", more) is False
    assert evaluated('"x-${var.nothing}"', more) == "?"
    assert evaluated("{ a = var.nothing, b = 1 }", more) == {"a": "?", "b": 1}


def test_known_values_tell_the_way_they_came() -> None:
    files = {
        "main.tf": 'resource "aws_lambda_function" "f" {\n  function_name = local.a\n}\n',
        "locals.tf": "locals {\n  a = var.b\n}\n",
        "variables.tf": 'variable "b" {\n  default = "x"\n}\n',
    }
    value = infrastructure(files)[0].resources[0].attributes.get("function_name")
    assert isinstance(value, Known)
    assert [str(place) for place in (value.at, *value.via)] == ["main.tf:2", "locals.tf:2", "variables.tf:2"]


def test_an_unknown_keeps_what_it_refers_to_and_what_is_known_of_the_text() -> None:
    files = {
        "main.tf": """
resource "aws_db_instance" "shop" {
  engine = "postgres"
}
resource "aws_lambda_function" "f" {
  function_name = "postgres://u@${aws_db_instance.shop.address}:5432/shop?connection_limit=5"
}
"""
    }
    function = next(one for one in infrastructure(files)[0].resources if one.kind == "aws_lambda_function")
    value = function.attributes.get("function_name")
    assert isinstance(value, Unknown)
    assert value.references == ("aws_db_instance.shop",)
    assert value.text == "postgres://u@${aws_db_instance.shop.address}:5432/shop?connection_limit=5"


def test_count_and_for_each() -> None:
    files = {
        "main.tf": """
variable "unknown" {}
resource "aws_lambda_function" "none" {
  count         = 0
  function_name = "none"
}
resource "aws_lambda_function" "two" {
  count         = 2
  function_name = "two-${count.index}"
}
resource "aws_lambda_function" "each" {
  for_each      = { a = 1, b = 2 }
  function_name = "${each.key}-${each.value}"
}
resource "aws_lambda_function" "set" {
  for_each      = toset(["x"])
  function_name = each.value
}
resource "aws_lambda_function" "empty" {
  for_each      = {}
  function_name = each.key
}
resource "aws_lambda_function" "perhaps" {
  count         = var.unknown ? 1 : 0
  function_name = "perhaps"
}
"""
    }
    found = {one.address: plain(one.attributes.get("function_name")) for one in infrastructure(files)[0].resources}
    assert found == {
        "aws_lambda_function.two[0]": "two-0",
        "aws_lambda_function.two[1]": "two-1",
        'aws_lambda_function.each["a"]': "a-1",
        'aws_lambda_function.each["b"]': "b-2",
        'aws_lambda_function.set["x"]': "x",
        "aws_lambda_function.perhaps[0]": "perhaps",
    }


def test_dynamic_blocks() -> None:
    files = {
        "main.tf": """
variable "unknown" {}
resource "aws_db_parameter_group" "a" {
  dynamic "parameter" {
    for_each = { max_connections = "200", work_mem = null }
    iterator = it
    content {
      name  = it.key
      value = it.value
    }
  }
  parameter {
    name  = "plain"
    value = "1"
  }
}
resource "aws_db_parameter_group" "b" {
  dynamic "parameter" {
    for_each = var.unknown
    content {
      name = parameter.key
    }
  }
}
"""
    }
    first, second = infrastructure(files)[0].resources
    assert plain(first.attributes.get("parameter")) == [
        {"name": "max_connections", "value": "200"},
        {"name": "work_mem"},
        {"name": "plain", "value": "1"},
    ]
    assert plain(second.attributes.get("parameter")) == ["..."]


def test_modules_nest_and_cycles_end() -> None:
    files = {
        "main.tf": """
module "shop" {
  source = "./modules/service"
  name   = "shop"
}
module "more" {
  for_each = toset(["a", "b"])
  source   = "./modules/service"
  name     = "${module.shop.full}-${each.key}"
}
""",
        "modules/service/main.tf": """
variable "name" { type = string }
module "inner" {
  source = "../function"
  name   = "${var.name}-fn"
}
output "full" { value = module.inner.name }
""",
        "modules/function/main.tf": """
variable "name" {}
resource "aws_lambda_function" "f" {
  function_name = var.name
}
output "name" { value = aws_lambda_function.f.function_name }
module "again" {
  source = "../service"
  name   = var.name
}
""",
    }
    found = [plain(one.attributes.get("function_name")) for one in infrastructure(files)[0].resources]
    assert found[0] == "shop-fn"
    assert "shop-fn-b-fn" in found
    assert len(found) < 50


def test_template_files_and_the_lines_they_come_from() -> None:
    files = {
        "main.tf": """
resource "helm_release" "shop" {
  name   = "shop"
  chart  = "shop"
  values = [templatefile("${path.module}/values.yaml.tpl", { pool = 7, host = data.x.y.host })]
  set {
    name  = "image.tag"
    value = "1.5"
    type  = "string"
  }
  set {
    name  = "replicas"
    value = "4"
  }
}
""",
        "values.yaml.tpl": "pool: ${pool}\ndb:\n  host: ${host}\n  port: 5432\nreplicas: 1\n",
    }
    values = infrastructure(files)[0].resources[0].attributes.get("values")
    assert plain(values) == {
        "pool": 7,
        "db": {"host": "?", "port": 5432},
        "replicas": 4,
        "image": {"tag": "1.5"},
    }
    assert isinstance(values, Mapping)
    port = values.get("db", "port")
    assert port is not None
    assert (port.at.path, port.at.start.line) == ("values.yaml.tpl", 4)


def test_helm_release_with_sets_as_attributes_and_heredoc_values() -> None:
    files = {
        "main.tf": """
resource "helm_release" "db" {
  name  = "db"
  chart = "oci://registry.example.org/charts/postgresql"
  values = [
    <<-EOT
      primary:
        resources:
          limits:
            memory: 1Gi
      list: [1, 2]
    EOT
    ,
    yamlencode({ list = [3], primary = { replicas = var.nothing } }),
  ]
  set = [
    { name = "primary.args[0]", value = "-c" },
    { name = "a\\\\.b", value = "true" },
  ]
}
"""
    }
    release = infrastructure(files)[0].resources[0]
    assert plain(release.attributes.get("values")) == {
        "primary": {"resources": {"limits": {"memory": "1Gi"}}, "replicas": "?", "args": ["-c"]},
        "list": [3],
        "a.b": True,
    }
    memory = release.attributes.get("values", "primary", "resources", "limits", "memory")
    assert memory is not None
    assert memory.at.start.line == 10


def test_values_that_double_at_every_step_end() -> None:
    steps = "".join(f"  a{i} = [local.a{i + 1}, local.a{i + 1}]\n" for i in range(60))
    text = f"locals {{\n{steps}  a60 = 1\n}}\n"
    text += 'resource "aws_db_instance" "x" {\n engine = "postgres"\n identifier = jsonencode(local.a0)\n}\n'
    found, failures = infrastructure({"main.tf": text})
    assert [one.name for one in found.servers] == ["x"]
    assert [one.kind.value for one in failures] == ["too-complex"]


def test_hostile_input_ends() -> None:
    nested = "[" * 5000 + "]" * 5000
    found, _ = infrastructure({"main.tf": f'resource "aws_lambda_function" "f" {{\n  function_name = {nested}\n}}\n'})
    assert len(found.resources) <= 1
    chain = "\n".join(f'  x{i} = "${{local.x{i + 1}}}${{local.x{i + 1}}}"' for i in range(60))
    more = f'locals {{\n{chain}\n  x60 = "abcdefghij"\n}}\n'
    assert isinstance(evaluated("length(local.x0)", more), int | str)
    sums = " + ".join(["1"] * 3000)
    assert evaluated(sums) in (3000, "?")
    blocks = "a {\n" * 3000 + "}\n" * 3000
    infrastructure({"main.tf": f'resource "aws_db_instance" "f" {{\n{blocks}}}\n'})


def test_a_syntax_error_is_a_failure_only_where_it_matters() -> None:
    _, failures = infrastructure({"main.tf": 'resource "aws_db_instance" "x" {\n  engine = = "postgres"\n}\n'})
    assert [(one.path, one.kind, one.line) for one in failures] == [("main.tf", "syntax", 2)]
    _, failures = infrastructure(
        {"main.tf": 'resource "aws_db_instance" "x" {\n  engine = "postgres"\n}\n', "other.tf": "x = = 1\n"}
    )
    assert failures == []


def test_sequences_are_partial_where_elements_are_unknown() -> None:
    found, _ = infrastructure(
        {"main.tf": 'variable "l" {}\nresource "aws_lambda_function" "f" {\n  function_name = concat(var.l, [1])\n}\n'}
    )
    value = found.resources[0].attributes.get("function_name")
    assert isinstance(value, Sequence)
    assert value.partial


def test_the_old_template_file_data_source() -> None:
    more = """
data "template_file" "task" {
  template = "${file("${path.module}/task.json")}"
  vars = {
    pool = 5
    host = aws_db_instance.main.address
  }
}
"""
    text = '[{"name": "api", "pool": "${pool}"}]'
    files = {"task.json": text}
    assert evaluated("data.template_file.task.rendered", more, files) == '[{"name": "api", "pool": "5"}]'
