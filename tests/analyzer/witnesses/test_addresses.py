"""Which port people ask a service at on their own machine."""

import pytest

from analyzer import SourceTree, analyze
from analyzer.witnesses.words.addresses import readme_address_facts, request_facts
from tests.analyzer.witnessed import facts_of, sure_of

EXPRESS = '{"name": "shop", "dependencies": {"express": "4"}}\n'


@pytest.mark.parametrize(
    ("readme", "ports"),
    [
        ("Open http://localhost:8200/ and sign in.\n", [(8200, "medium")]),
        ("curl 127.0.0.1:8200/a\ncurl http://0.0.0.0:8200/b\n", [(8200, "medium")]),
        ("Pages: http://localhost:8200, mail: http://localhost:9999\n", [(8200, "low")]),
        ("docker run -p 8200:80 shop\n\nhttp://localhost:8200\n", [(80, "medium")]),
        ("    ports:\n      - '127.0.0.1:8200:80'\n\nhttp://localhost:8200\n", [(80, "medium")]),
        ("docker run -p 5432:5432 postgres\n\nCouch: http://localhost:5984\n", []),
        ("DATABASE_URL=postgres://localhost:5432/shop\n", []),
        ("Nothing listens at localhost.\n", []),
    ],
)
def test_a_readme_tells_where_it_answers(readme: str, ports: list[tuple[int, str]]) -> None:
    """The address on the reader's machine, by the container's own port where one is published."""
    assert sure_of(facts_of(readme_address_facts, {"README.md": readme}), "port") == ports


def test_an_address_is_no_server() -> None:
    """What a tool's README tries it on does not make a service of the tool."""
    files = {
        "package.json": '{"name": "probe", "bin": "probe.js"}\n',
        "README.md": "Run `probe http://localhost:8200` against your server.\n",
    }
    recommendation = analyze(SourceTree.of_files(files), None, service="probe", commit="0" * 40)
    kind = recommendation.answer("kind")
    assert kind is not None
    assert (kind.value, kind.rule) == ("cli", "node/bin")


def test_what_the_authors_say_counts_more_than_what_the_framework_does() -> None:
    """A default that the framework has is no longer believed where the README names another."""
    files = {"package.json": EXPRESS, "README.md": "Then open http://localhost:8200.\n"}
    recommendation = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    port = recommendation.answer("port")
    assert port is not None
    assert port.value == 8200


@pytest.mark.parametrize(
    ("path", "text", "ports"),
    [
        ("openapi.yaml", "servers:\n  - url: http://localhost:8200/api\n", [(8200, "medium")]),
        ("docs/swagger.json", '{"swagger": "2.0", "host": "localhost:8200"}', [(8200, "medium")]),
        ("api/openapi.yml", "example: http://localhost:8200\n", []),
        ("requests/orders.http", "GET http://localhost:8200/orders\n", [(8200, "medium")]),
        ("requests/orders.hurl", "GET http://localhost:8200/orders\n", [(8200, "medium")]),
        ("requests/orders.bru", "get {\n  url: http://localhost:8200\n}\n", [(8200, "medium")]),
        (
            "docs/shop.postman_environment.json",
            '{"key": "url", "value": "http://localhost:8200"}',
            [(8200, "medium")],
        ),
        ("tests/orders.http", "GET http://localhost:8200/orders\n", []),
        ("api/orders.yaml", "servers:\n  - url: http://localhost:8200\n", []),
    ],
)
def test_documents_and_saved_requests_tell_where_it_is_asked(
    path: str, text: str, ports: list[tuple[int, str]]
) -> None:
    """The servers of a document, not its examples; requests that are saved beside the sources."""
    assert sure_of(facts_of(request_facts, {path: text}), "port") == ports


def test_of_equals_the_sources_are_believed_before_an_address() -> None:
    """A developer's own port in a README does not outweigh what the service has by itself."""
    server = "<groupId>io.dropwizard</groupId>\n<artifactId>dropwizard-core</artifactId>\n"
    pom = f"<project><dependencies><dependency>\n{server}</dependency></dependencies></project>"
    files = {
        "pom.xml": pom,
        "src/main/java/Shop.java": "class Shop extends Application<Settings> {}",
        "README.md": "Open http://localhost:8090.\n",
    }
    recommendation = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    port = recommendation.answer("port")
    assert port is not None
    assert (port.value, port.rule) == (8080, "jvm/default-port")


def test_a_port_left_to_the_image_is_not_the_developers() -> None:
    """.NET's images have a port of their own: the one in a README is of somebody's machine."""
    project = (
        '<Project Sdk="Microsoft.NET.Sdk.Web"><TargetFramework>net9.0</TargetFramework></Project>\n'
    )
    files = {"Shop.csproj": project, "README.md": "Open http://localhost:5001.\n"}
    recommendation = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    port = recommendation.answer("port")
    assert port is not None
    assert (port.value, port.rule) == (8080, "dotnet/default-port")
