"""Sample modules: which answers have one, what they tell, and what none may ever hold."""

import re

import pytest
from pydantic import JsonValue

from analyzer.sample_modules import MODULES, sample_modules, unsure_answers
from analyzer.sample_modules.allowed import RESOURCE_TYPES, refuse_unlisted
from analyzer.sample_modules.hcl import blocks_of
from delightful.errors import ConfigError, Refused
from delightful.recommendation import Answer, Confidence, Evidence, Recommendation

EVIDENCE = Evidence(file="requirements.txt", line=3, quote="pymongo==4.8")


def recommended(
    *answers: tuple[str, JsonValue],
    confidence: Confidence = "high",
    service: str = "web-shop",
    evidence: Evidence = EVIDENCE,
) -> Recommendation:
    """Return a recommendation that holds these answers."""
    told = tuple(
        Answer(field=field, value=value, rule="a/rule", confidence=confidence, evidence=(evidence,))
        for field, value in answers
    )
    return Recommendation(service=service, commit="0" * 40, answers=told, variables={})


SAMPLES = tuple(sample for answer in MODULES for sample in sample_modules(recommended(answer)))
FILES = {path: text for sample in SAMPLES for path, text in sample.files.items()}


@pytest.mark.parametrize(("answer", "module"), MODULES.items())
def test_what_a_manifest_cannot_declare_has_a_module(
    answer: tuple[str, JsonValue], module: str
) -> None:
    """One answer gives one module, in the shape of those under infrastructure/."""
    (sample,) = sample_modules(recommended(answer))
    assert sample.folder == f"web_shop_{module}"
    names = {path.removeprefix(f"{sample.folder}/") for path in sample.files}
    assert names == {
        *("main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"),
        f"tests/{module}.tftest.hcl",
    }


def test_what_a_manifest_can_declare_has_none() -> None:
    """PostgreSQL, Redis, nothing at all and what is unknown need no sample."""
    known: list[tuple[str, JsonValue]] = [("database", "postgres"), ("cache", "redis")]
    absent: list[tuple[str, JsonValue]] = [("database", None), ("cache", "none"), ("worker", False)]
    assert sample_modules(recommended(*known)) == sample_modules(recommended(*absent)) == ()


def test_a_worker_needs_no_second_one() -> None:
    """What is a worker itself is one service, not two."""
    assert sample_modules(recommended(("kind", "worker"), ("worker", True))) == ()


def test_a_guess_has_no_module_and_is_told() -> None:
    """An answer of low confidence is named, so that a person may look."""
    guess = recommended(("database", "mongodb"), confidence="low")
    assert sample_modules(guess) == ()
    assert [answer.value for answer in unsure_answers(guess)] == ["mongodb"]


def test_a_readme_says_why_and_how() -> None:
    """Answer, confidence, rule and line stand in it, and a root that uses the module."""
    (sample,) = sample_modules(recommended(("database", "mongodb"), confidence="medium"))
    readme = sample.files["web_shop_documents/README.md"]
    assert "Why: database = mongodb, medium confidence, rule `a/rule`." in readme
    assert "\n    requirements.txt:3: pymongo==4.8\n" in readme
    assert 'source = "../modules/web_shop_documents"' in readme
    assert 'name     = "web-shop-${var.environment}"' in readme
    assert not re.search(r"\{\{[a-z]+\}\}", readme)


def test_text_of_the_repository_stays_inert_in_a_readme() -> None:
    """A quoted line stays one line of code, and a placeholder in it is not filled in."""
    quote = "x\n# Heading <script>\u202e {{service}} ```"
    evidence = Evidence(file="a\n## b", line=1, quote=quote)
    (sample,) = sample_modules(recommended(("database", "mongodb"), evidence=evidence))
    readme = sample.files["web_shop_documents/README.md"]
    shown = "    a\\u000a## b:1: x\\u000a# Heading <script>\\u202e {{service}} ```"
    assert shown in readme.splitlines()


def test_repository_and_service_change_no_terraform() -> None:
    """What Terraform reads is the same for every service and every line that proves it."""
    hostile = Evidence(file="x", line=1, quote='"} provider "aws" {')
    for answer in MODULES:
        (one,) = sample_modules(recommended(answer))
        (other,) = sample_modules(recommended(answer, service="other", evidence=hostile))
        texts = [
            [text for path, text in sample.files.items() if not path.endswith(".md")]
            for sample in (one, other)
        ]
        assert texts[0] == texts[1]


def test_a_service_that_is_no_name_is_refused() -> None:
    """A name never leads out of the folder that was given."""
    with pytest.raises(ConfigError, match="E_NAME"):
        sample_modules(recommended(("database", "mongodb"), service="../../etc"))


def test_every_allowed_type_is_used() -> None:
    """The list is closed: what no module makes any more is taken off it."""
    sources = [text for path, text in FILES.items() if path.endswith(".tf")]
    made = {
        block.labels[0] for text in sources for block in blocks_of(text) if block.kind == "resource"
    }
    assert made == RESOURCE_TYPES


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('provider "aws" {}', "provider"),
        ('module "a" {\n  source = "git::https://example.com/a"\n}', "module"),
        ('data "external" "a" {\n  program = ["sh"]\n}', "external"),
        ('data "aws_secretsmanager_secret_version" "a" {}', "aws_secretsmanager_secret_version"),
        ('resource "null_resource" "a" {}', "null_resource"),
        ('resource "aws_iam_user" "a" {}', "aws_iam_user"),
        ('resource aws_iam_user "a" {}', "aws_iam_user"),
        ('resource "aws_db_instance" "a" {\n  provisioner "local-exec" {}\n}', "provisioner"),
        ('resource "aws_db_instance" "a" { provisioner "local-exec" {} }', "provisioner"),
        (
            'resource "aws_db_instance" "a" {\n  lifecycle {\n    connection {}\n  }\n}',
            "connection",
        ),
        ('resource "aws_db_instance" "a" {\n  dynamic "provisioner" {}\n}', "provisioner"),
        ('resource "aws_db_instance" "a" {\n  password = "x"\n}', "password"),
        ('resource "aws_docdb_cluster" "a" {\n  master_password_wo = "x"\n}', "master_password_wo"),
        ('resource "aws_db_instance" "a" {\n  provider = aws.other\n}', "provider"),
        ('locals {\n  a = file("/etc/passwd")\n}', "file"),
        ('locals {\n  a = "${"${ file ("/etc/passwd")}"}"\n}', "file"),
        ("locals {\n  a = [\n    templatefile\n    (1)\n  ]\n}", "templatefile"),
        ('locals {\n  a = "%{ if fileexists("x") }y%{ endif }"\n}', "fileexists"),
        ("locals {\n  a = provider::evil::run(1)\n}", "run"),
        ('locals { a = 1 }\nresource "aws_iam_user" "b" {}', "aws_iam_user"),
        ('terraform {\n  backend "http" {}\n}', "terraform"),
        ('terraform {\n  required_providers {\n    evil = { source = "a/b" }\n  }\n}', "terraform"),
        ('import {\n  to = aws_db_instance.a\n  id = "x"\n}', "import"),
        ('check "a" {}', "check"),
        ("locals {\n  a = <<E\n${file(1)}\nE\n}", "cannot be read"),
        ('/* resource */ provider "aws" {}', "cannot be read"),
        ("# a comment that ends here\rprovider {}", "cannot be read"),
        ("# a comment that ends here\u2028provider {}", "cannot be read"),
        ('locals {\n  a = "open', "cannot be read"),
        ('locals {\n  a = "${open"\n}', "cannot be read"),
        ("locals {", "cannot be read"),
        ("a = 1", "cannot be read"),
        ("locals {\n  a = " + '"${' * 5000, "cannot be read"),
    ],
)
def test_terraform_that_is_on_no_list_is_refused(text: str, named: str) -> None:
    """Whatever a hostile text writes down, nothing but the listed parts is written."""
    with pytest.raises(Refused, match=rf"(?s)E_SAMPLE sample module a_b/main.tf: .*{named}"):
        refuse_unlisted({**FILES, "a_b/main.tf": text})


@pytest.mark.parametrize(
    "path",
    [
        *("../a/main.tf", "/a/main.tf", "a_b/../main.tf", "a_b/evil.tf", "a_b/main.tf.json"),
        *("a_b/terraform.tfvars", "a_b/main_override.tf", "main.tf", "a_b/tests/../x.tftest.hcl"),
        *("a_b/.terraformrc", "a_b/main.tf\n", "a_b/sub/main.tf"),
    ],
)
def test_a_file_that_is_no_part_of_a_module_is_refused(path: str) -> None:
    """Only the files of a module are written, each at its place."""
    with pytest.raises(Refused, match="it is no file of a module"):
        refuse_unlisted({path: ""})


def test_tests_beside_a_module_ask_no_account() -> None:
    """A test file that names a real provider, or a module elsewhere, is refused."""
    for text in ('provider "aws" {}', 'run "a" {\n  module {\n    source = "git::x"\n  }\n}'):
        with pytest.raises(Refused, match="E_SAMPLE"):
            refuse_unlisted({"a_b/tests/a.tftest.hcl": text})
