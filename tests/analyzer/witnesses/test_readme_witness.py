"""What a README says of what the repository makes."""

import pytest

from analyzer.witnesses.words.readme import readme_facts
from tests.analyzer.witnessed import facts_of, sure_of, values_of

PROJECTS = {
    "package.json": '{\n  "name": "@acme/shop"\n}',
    "pyproject.toml": '[project]\nname = "shop"\n',
    "go.mod": "module github.com/acme/shop/v2\n",
    "pom.xml": "<project>\n<parent><artifactId>a</artifactId></parent>\n"
    "<artifactId>shop-parent</artifactId>",
}


def said(readme: str, project: str = "pyproject.toml", more: str = "") -> list[tuple[object, str]]:
    """Return the kinds that a README speaks for beside a project file."""
    files = {"README.md": readme, project: PROJECTS[project] + more}
    return sure_of(facts_of(readme_facts, files), "kind")


@pytest.mark.parametrize(
    ("readme", "project"),
    [
        ("    brew install acme/tap/shop\n", "pyproject.toml"),
        ("`pipx install shop`\n", "pyproject.toml"),
        ("go install github.com/acme/shop/v2@latest\n", "go.mod"),
        ("npx -y @acme/shop init\n", "package.json"),
        ("npm install --global @acme/shop\n", "package.json"),
    ],
)
def test_what_is_installed_on_ones_own_machine_is_a_tool(readme: str, project: str) -> None:
    """A command that puts the project on a machine says that people call it there."""
    assert said(readme, project) == [("cli", "medium")]


@pytest.mark.parametrize(
    ("readme", "project"),
    [
        ("pip install 'shop[fast]'\n", "pyproject.toml"),
        ("npm install @acme/shop\n", "package.json"),
        ("go get github.com/acme/shop/v2\n", "go.mod"),
        ("<artifactId>shop-core</artifactId>\n", "pom.xml"),
        ('implementation("org.acme:shop-core:1.0")\n', "pom.xml"),
    ],
)
def test_what_is_added_to_a_program_is_a_library(readme: str, project: str) -> None:
    """A line that adds the project to a reader's program says that it is made for that."""
    assert said(readme, project) == [("library", "medium")]


def test_a_package_with_a_command_is_a_tool_unless_it_is_shown_imported() -> None:
    """The same line installs both: who imports it in the README has a library."""
    command = '[project.scripts]\nshop = "shop:main"\n'
    assert said("pip install shop\n", more=command) == [("cli", "low")]
    imported = "pip install shop\n\n    from shop import Cart\n"
    assert said(imported, more=command) == [("library", "medium")]


def test_what_else_a_readme_installs_says_nothing() -> None:
    """A service tells its developers to install databases and drivers."""
    assert said("brew install redis\npip install workshop\nnpm install -g yarn\n") == []


def test_a_container_with_a_port_is_a_server_but_not_in_a_terminal() -> None:
    """A published port of the project's own image is served; a tool is run interactively."""
    assert said("docker run -d \\\n  -p 80:80 acme/shop\n") == [("web", "high")]
    assert said("docker run -it -p 80:80 acme/shop\n") == []
    assert said("docker run -p 5432:5432 postgres\n") == []


@pytest.mark.parametrize(
    ("readme", "ports"),
    [
        ("docker run -d \\\n  -p 8945:8080 acme/shop\n", ["8080"]),
        ("docker run --publish=127.0.0.1:80:3000/tcp acme/shop\n", ["3000"]),
        ("docker run -p ${PORT}:8080 acme/shop\n", ["8080"]),
        ("services:\n  shop:\n    image: acme/shop\n    ports:\n      - '80:9090'\n", ["9090"]),
        ("services:\n  x:\n    image: acme/other\n    ports:\n      - '80:9090'\n", []),
        ("docker run -p 8080:8081 acme/other\n", []),
        ("docker run -p 53:8053/udp acme/shop\n", []),
        ("docker run -it -p 80:8080 acme/shop\n", []),
    ],
)
def test_the_projects_own_container_listens_where_it_is_published(
    readme: str, ports: list[str]
) -> None:
    """The port within is the service's, of the project's own image and of no other."""
    files = {"README.md": readme, "pyproject.toml": '[project]\nname = "shop"\n'}
    facts = facts_of(readme_facts, files)
    found = [fact for fact in facts if fact.rule == "readme/container-port"]
    assert values_of(found, "port") == ports


@pytest.mark.parametrize(
    "readme",
    [
        "docker run -d --name shop acme/shop\n",
        "services:\n  shop:\n    image: acme/shop:latest\n    restart: always\n",
    ],
)
def test_a_container_in_the_background_that_nobody_reaches_works(readme: str) -> None:
    """What goes on running and publishes no port waits for no request."""
    assert said(readme) == [("worker", "medium")]


@pytest.mark.parametrize(
    "readme",
    [
        "docker run --rm acme/shop\n",
        "services:\n  shop:\n    image: acme/shop\n    restart: always\n    ports: ['80:80']\n",
        "services:\n  db:\n    image: acme/store\n    restart: always\n",
    ],
)
def test_a_container_that_ends_or_is_reached_is_no_worker(readme: str) -> None:
    """A command that ends, a published port and another image say nothing of a worker."""
    assert said(readme) == []


def test_who_shows_the_project_imported_has_a_library() -> None:
    """An import by the project's own name tells what it is for where nobody installs it."""
    assert said("const { Cart } = require('@acme/shop')\n", "package.json") == [
        ("library", "medium")
    ]
    settings = 'import { defineConfig } from "@acme/shop"\n'
    assert said(settings, "package.json") == []


def test_a_modules_major_version_is_not_its_name() -> None:
    """A module of Go is called by what stands before its version."""
    assert said("brew install shop\n", "go.mod") == [("cli", "medium")]
