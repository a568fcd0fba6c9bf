"""What tells a service from a tool, a library or another language's assets beside it."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from analyzer.witnesses.containers.compose import compose_facts
from analyzer.witnesses.containers.dockerfile import dockerfile_facts
from tests.analyzer.witnessed import facts_of, sure_of, values_of

GO_SERVER = (
    'package main\n\nimport (\n\t"net/http"\n{imports})\n\n'
    "func main() {{\n\thttp.ListenAndServe(addr, nil)\n}}\n"
)
PLUGIN = "<plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin>"
COMMANDS = "<dependency><groupId>g</groupId><artifactId>jcommander</artifactId></dependency>"
STARTER_OF_OTHERS = (
    'dependencies {\n    api("org.springframework.boot:spring-boot-autoconfigure")\n}\n'
)


def answers(files: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return what is said of a tree, by field."""
    said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    return {answer.field: answer.value for answer in said.answers}


def test_a_line_speaks_once_for_a_server() -> None:
    """A tool that listens somewhere stays a tool: its framework is told by that same line."""
    files = {
        "go.mod": "module github.com/acme/shop\n\ngo 1.24\n",
        "main.go": GO_SERVER.format(imports=""),
        "README.md": "# Shop\n\nShop is a command-line tool.\n\n    brew install acme/tap/shop\n",
    }
    assert answers(files)["kind"] == "cli"
    assert answers(files | {"Dockerfile": "FROM scratch\nEXPOSE 8080\n"})["kind"] == "web"


@pytest.mark.parametrize(("command", "kind"), [('"serve"', "web"), ('"report"', "cli")])
def test_a_command_that_its_image_serves_with_is_a_server(command: str, kind: str) -> None:
    """It is installed as a tool as well, and draws on the terminal."""
    bubbles = '\t"github.com/charmbracelet/bubbletea"\n'
    files = {
        "go.mod": "module github.com/acme/shop\n\ngo 1.24\n",
        "main.go": GO_SERVER.format(imports=bubbles),
        "README.md": "brew install acme/tap/shop\n",
        "Dockerfile": f'FROM scratch\nCOPY shop /shop\nENTRYPOINT ["/shop"]\nCMD [{command}]\n',
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("image", "kind"), [('CMD ["/shop"]', "worker"), ("USER 1", "library")])
def test_a_framework_for_others_is_no_library_where_an_image_starts_it(
    image: str, kind: str
) -> None:
    """What calls itself so may be what is run all the same."""
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n\n[dependencies]\nmatrix-sdk = "0.7"\n',
        "src/main.rs": "fn main() {}\n",
        "README.md": "# Shop\n\nShop is a framework for bots.\n\n    cargo add shop\n",
        "Dockerfile": f"FROM debian\nCOPY shop /shop\n{image}\n",
    }
    assert answers(files)["kind"] == kind


def test_nobody_imports_what_an_image_opens_a_port_of() -> None:
    """A package that is published may be a server all the same; one without an image is not."""
    mix = "defmodule Shop.MixProject do\n  def project, do: [app: :shop, package: package()]\nend\n"
    files = {"mix.exs": mix, "lib/shop.ex": "defmodule Shop do\nend\n"}
    assert answers(files)["kind"] == "library"
    image = {"Dockerfile": 'FROM elixir\nEXPOSE 4000\nCMD ["mix", "run"]\n'}
    assert answers({**files, **image})["kind"] == "web"


@pytest.mark.parametrize(("command", "kind"), [('"--help"', "cli"), ('"--listen"', "web")])
def test_what_an_image_shows_the_use_of_is_given_its_words(command: str, kind: str) -> None:
    """It may listen for what its own commands ask; a person calls it all the same."""
    files = {
        "go.mod": "module github.com/acme/shop\n\ngo 1.24\n",
        "main.go": GO_SERVER.format(imports=""),
        "README.md": "brew install acme/tap/shop\n",
        "Dockerfile": f'FROM scratch\nCOPY shop /shop\nENTRYPOINT ["/shop"]\nCMD [{command}]\n',
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("ports", "expected"),
    [("    ports: ['127.0.0.1:8080:8080']\n", [("web", "medium")]), ("    expose: ['8080']\n", [])],
)
def test_a_published_port_of_what_is_built_here_is_a_servers(
    ports: str, expected: list[tuple[object, str]]
) -> None:
    """Who publishes a port of the image that is built from the service serves on it."""
    text = f"services:\n  shop:\n    build: .\n{ports}"
    facts = facts_of(compose_facts, {"compose.yml": text, "Dockerfile": "FROM scratch\n"})
    assert sure_of(facts, "kind") == expected


def test_who_watches_a_cluster_works() -> None:
    """A controller serves its own measures at most; a framework beside it makes it a server."""
    informers = '\t"k8s.io/client-go/informers"\n'
    mod = "module github.com/acme/shop\n\ngo 1.24\n"
    main = GO_SERVER.format(imports=informers)
    assert answers({"go.mod": mod, "main.go": main})["kind"] == "worker"
    framed = GO_SERVER.format(imports=f'{informers}\t"github.com/gin-gonic/gin"\n')
    assert answers({"go.mod": mod, "main.go": framed})["kind"] == "web"
    taken = '\t"sigs.k8s.io/controller-runtime/pkg/certwatcher"\n'
    elected = '\t"k8s.io/client-go/tools/leaderelection"\n'
    for imports in (taken, elected):
        served = GO_SERVER.format(imports=imports)
        assert answers({"go.mod": mod, "main.go": served})["kind"] == "web"


def test_springs_packing_plugin_makes_no_server() -> None:
    """The plugin packs any program into one file; without Spring among what it runs with."""
    pom = f"<project><artifactId>shop</artifactId><dependencies>{COMMANDS}</dependencies>"
    pom += f"<build><plugins>{PLUGIN}</plugins></build></project>"
    said = answers({"pom.xml": pom, "src/main/java/App.java": "class App {}\n"})
    assert (said["kind"], said["framework"]) == ("cli", None)


def test_what_is_made_for_programs_of_a_framework_is_a_library() -> None:
    """Auto-configuration without a program or a server is there for the programs of others."""
    build = {"build.gradle.kts": f'plugins {{ kotlin("jvm") }}\n{STARTER_OF_OTHERS}'}
    source = {"src/main/kotlin/Auto.kt": "package shop\nclass Auto\n"}
    assert answers(build | source)["kind"] == "library"


def test_a_package_that_only_builds_is_another_languages_assets() -> None:
    """A server's package among assets does not make the service Node; a start script does."""
    require = {"php": "^8.2", "laravel/framework": "^11.0"}
    composer = {"composer.json": json.dumps({"require": require}), "public/index.php": "<?php\n"}
    assets = {"scripts": {"production": "mix"}, "dependencies": {"express": "^4.0.0"}}
    started = assets | {"scripts": {"start": "node server.js"}}
    assert answers(composer | {"package.json": json.dumps(assets)})["language"] == "php"
    assert answers(composer | {"package.json": json.dumps(started)})["language"] == "node"


@pytest.mark.parametrize(
    ("source", "kind"), [("require('@hapi/hapi').server()\n", "web"), ("consume()\n", "worker")]
)
def test_a_framework_that_nothing_imports_serves_nothing(source: str, kind: str) -> None:
    """A template listed it; the image that publishes no port consumes messages."""
    package = json.dumps({"main": "app.js", "dependencies": {"@hapi/hapi": "21"}}, indent=1)
    compose = "services:\n  shop:\n    build: .\n    environment: {QUEUE: orders}\n"
    files = {"package.json": package, "app.js": source, "docker-compose.yaml": compose}
    assert answers({**files, "Dockerfile": "FROM node\n"})["kind"] == kind


@pytest.mark.parametrize("entry", ["const e = require('express');\n", 'import e from "express";\n'])
def test_the_entry_tells_the_framework_that_no_dependency_does(entry: str) -> None:
    """Some list what they run with among what they build with; the entry imports it."""
    package = {"main": "./run.js", "devDependencies": {"express": "^4.0.0"}}
    files = {"package.json": json.dumps(package), "run.js": entry}
    assert answers(files)["framework"] == "express"


def test_a_path_for_probes_may_be_a_variables_default() -> None:
    """Where the path can be set, what it is without is the answer."""
    line = "const path = process.env.SHOP_HEALTH_CHECK_PATH || '/status';\n"
    package = json.dumps({"main": "app.js", "dependencies": {"express": "^4.0.0"}})
    said = answers({"package.json": package, "app.js": line})
    assert said["health_path"] == "/status"


def test_a_port_may_have_an_argument_before_its_variable() -> None:
    """The last resort of a chain of choices is the port."""
    line = "this.port = args.port || Number(process.env.SHOP_PORT) || 5001;\n"
    package = json.dumps({"main": "server.js", "dependencies": {"express": "^4.0.0"}})
    assert answers({"package.json": package, "server.js": line})["port"] == 5001


def test_a_store_of_its_own_comes_before_servers_that_it_may_use() -> None:
    """With drivers for several, a program runs without a server until it is told of one."""
    packages = ("Npgsql", "Microsoft.Data.Sqlite")
    lines = "".join(f'<PackageReference Include="{name}" Version="1" />\n' for name in packages)
    text = f'<Project Sdk="Microsoft.NET.Sdk.Web">\n<ItemGroup>\n{lines}</ItemGroup>\n</Project>\n'
    assert answers({"Shop.csproj": text, "Program.cs": "\n"})["database"] == "sqlite"


def test_a_programs_folder_of_tools_is_not_the_package() -> None:
    """What helps to make the packages in `src` is no program of theirs."""
    packed = '<Project Sdk="Microsoft.NET.Sdk">\n<PackageId>Shop</PackageId>\n</Project>\n'
    tool = '<Project Sdk="Microsoft.NET.Sdk">\n<OutputType>Exe</OutputType>\n</Project>\n'
    files = {"src/Shop/Shop.csproj": packed, "tools/Dump/Dump.csproj": tool}
    assert answers(files)["kind"] == "library"


@pytest.mark.parametrize(
    ("install", "found"),
    [
        ("apk add nginx s6 php84 php84-fpm php84-json", (["php"], ["8.4"])),
        ("dnf -y install python3.12 nginx-core", (["python"], ["3.12"])),
        ("apk add php84 php83", ([], [])),
        ("apk add php84 nodejs22", ([], [])),
    ],
)
def test_one_installed_language_is_the_image_s_whatever_starts_it(
    install: str, found: tuple[list[object], list[object]]
) -> None:
    """Behind a script or a web server the one interpreter of a certain version runs."""
    text = f'FROM alpine:3\nRUN {install}\nENTRYPOINT ["/entrypoint.sh"]\n'
    facts = facts_of(dockerfile_facts, {"Dockerfile": text})
    assert (values_of(facts, "language"), values_of(facts, "runtime_version")) == found


def test_a_procfiles_port_may_be_a_default() -> None:
    """A platform sets PORT; what the line says without it is the port."""
    files = {"Gemfile": 'gem "sinatra"\n', "Procfile": "web: bundle exec puma -p ${PORT:-3233}\n"}
    assert answers(files)["port"] == 3233


def test_a_driver_in_a_variables_default_is_the_database() -> None:
    """CakePHP's settings name the driver's class, as it is or unless a variable says otherwise."""
    require = {"php": "^8.2", "cakephp/cakephp": "^5.0"}
    settings = "<?php\nreturn [\n    'driver' => env('DB_DRIVER', Mysql::class),\n];\n"
    files = {"composer.json": json.dumps({"require": require}), "config/app.php": settings}
    assert answers(files | {"webroot/index.php": "<?php\n"})["database"] == "mysql"


def test_an_old_client_of_dynamodb_is_one_too() -> None:
    """The first SDK of AWS names its client by another artifact than the second."""
    needs = 'implementation "com.amazonaws:aws-java-sdk-dynamodb:1.12.0"'
    web = 'implementation "org.springframework.boot:spring-boot-starter-web"'
    plugin = "plugins { id 'org.springframework.boot' }"
    build = f"{plugin}\ndependencies {{\n    {web}\n    {needs}\n}}\n"
    files = {"build.gradle": build, "src/main/java/App.java": "class App {}\n"}
    assert answers(files)["database"] == "dynamodb"


@pytest.mark.parametrize(("mode", "kind"), [("true", "worker"), ("false", "web")])
def test_a_slack_app_in_socket_mode_is_called_by_nobody(mode: str, kind: str) -> None:
    """Its template has a variant that listens."""
    package = json.dumps(
        {"scripts": {"start": "node app.js"}, "dependencies": {"@slack/bolt": "4"}}
    )
    app = f"const app = new App({{\n  socketMode: {mode},\n}});\n"
    oauth = "await app.start(process.env.PORT || 3000);\n"
    files = {"package.json": package, "app.js": app, "app-oauth.js": oauth}
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("source", "packages", "kind"),
    [
        ("fn main() {\n    Server::builder().add_service(shop).serve(at);\n}\n", "", "web"),
        ("use tonic::transport::Channel;\n\nfn main() {}\n", "", "cli"),
        ("use tonic::transport::Channel;\n\nfn main() {}\n", 'salvo = "0.80"\n', "web"),
    ],
)
def test_a_client_of_grpc_is_no_server(source: str, packages: str, kind: str) -> None:
    """The package is the same for both; who serves otherwise may call as well."""
    manifest = f'[package]\nname = "shop"\n\n[dependencies]\ntonic = "0.12"\n{packages}'
    assert answers({"Cargo.toml": manifest, "src/main.rs": source})["kind"] == kind


@pytest.mark.parametrize(("name", "kind"), [("shop-jobs", "worker"), ("shop-cli", "cli")])
def test_what_runs_without_a_web_server_is_called_after_its_kind(name: str, kind: str) -> None:
    """Spring starts either."""
    starter = "<dependency><groupId>g</groupId><artifactId>spring-boot-starter</artifactId>"
    files = {
        "pom.xml": f"<project><artifactId>{name}</artifactId><dependencies>{starter}</dependency>"
        f"</dependencies><build><plugins>{PLUGIN}</plugins></build></project>",
        "src/main/resources/application.properties": "spring.main.web-application-type=NONE\n",
        "src/main/java/Work.java": "class Work { void main() { SpringApplication.run(W); } }\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("routes", "kind"),
    [('\tr.Path("/health").HandlerFunc(healthy)\n', "worker"), ('\tr.Path("/metrics")\n', "web")],
)
def test_an_exporter_of_data_is_none_of_measures(routes: str, kind: str) -> None:
    """It takes messages, whose handlers are given a context, and answers who watches it."""
    gorilla = '\t"github.com/gorilla/mux"\n'
    handles = "\thandler.Handle(ctx, message)\n"
    main = GO_SERVER.format(imports=gorilla).replace("\thttp.L", f"{handles}{routes}\thttp.L")
    mod = "module github.com/acme/dataset-exporter\n\ngo 1.24\n"
    assert answers({"go.mod": mod, "main.go": main})["kind"] == kind


def test_an_image_that_serves_outweighs_a_tools_readme() -> None:
    """A program of commands is run as its image runs it."""
    readme = "# Shop CLI\n\nInstall it with `cargo install shop`.\n"
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n\n[dependencies]\nclap = "4"\n',
        "src/main.rs": "fn main() {}\n",
        "README.md": readme,
    }
    image = 'FROM debian\nCOPY shop /shop\nENTRYPOINT ["/shop"]\nCMD ["serve", "--bind", ":80"]\n'
    assert answers(files)["kind"] == "cli"
    assert answers(files | {"Dockerfile": image})["kind"] == "web"


@pytest.mark.parametrize(("type_", "kind"), [("symfony-bundle", "library"), ("project", "web")])
def test_a_bundle_is_a_library_whatever_framework_it_needs(type_: str, kind: str) -> None:
    """It is put into the applications of others."""
    content = {"name": "acme/shop", "type": type_, "require": {"symfony/framework-bundle": "^7"}}
    assert (
        answers({"composer.json": json.dumps(content), "src/Shop.php": "<?php\n"})["kind"] == kind
    )


def test_a_plugin_with_a_command_of_its_own_is_a_tool() -> None:
    """Composer's plugins may bring one."""
    content = {"name": "acme/shop", "type": "composer-plugin", "bin": ["bin/shop"]}
    files = {"composer.json": json.dumps(content), "src/Shop.php": "<?php\n"}
    assert answers(files)["kind"] == "cli"


@pytest.mark.parametrize(("artifact", "kind"), [("camel-jetty-starter", "web"), ("", "worker")])
def test_camel_listens_without_springs_server(artifact: str, kind: str) -> None:
    """Its components bring their own."""
    named = "".join(
        f"<dependency><groupId>g</groupId><artifactId>{one}</artifactId></dependency>"
        for one in ("spring-boot-starter", artifact)
        if one
    )
    files = {
        "pom.xml": f"<project><artifactId>shop</artifactId><dependencies>{named}</dependencies>"
        f"<build><plugins>{PLUGIN}</plugins></build></project>",
        "src/main/resources/application.properties": "spring.main.web-application-type=none\n",
        "src/main/java/Work.java": "class Work { void main() { SpringApplication.run(W); } }\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("default", "kind"), [('"daemon"', "web"), ("", "cli")])
def test_a_server_that_a_default_feature_brings_is_no_option(default: str, kind: str) -> None:
    """Lines of the file may be indented."""
    cargo = (
        '[package]\n  name = "shop"\n\n[features]\n'
        f'  default = [{default}]\n  daemon = ["axum"]\n\n[dependencies]\n  clap = "4"\n'
        '  axum = { version = "0.8", optional = true }\n'
    )
    files = {"Cargo.toml": cargo, "src/main.rs": "fn main() { axum::serve(a, b); }\n"}
    assert answers(files)["kind"] == kind


def test_a_plugin_of_gradle_brings_ratpack() -> None:
    """Its dependencies come by a function of the plugin, so that no line names them."""
    files = {
        "build.gradle": 'plugins {\n  id "io.ratpack.ratpack-java" version "1.9.0"\n}\n',
        "src/main/java/Shop.java": "class Shop { public static void main(String[] a) {} }\n",
    }
    said = answers(files)
    assert [said[name] for name in ("kind", "framework", "port")] == ["web", "ratpack", 5050]


@pytest.mark.parametrize(("folder", "kind"), [("cmd/apiserver", "web"), ("cmd/import", "cli")])
def test_a_program_called_a_server_may_listen_in_the_module_above(folder: str, kind: str) -> None:
    """Its own folder has nothing but the beginning."""
    files = {
        "go.mod": "module github.com/acme/shop\n\ngo 1.24\n",
        f"{folder}/main.go": 'package main\n\nimport "github.com/acme/shop/run"\n\n'
        "func main() { run.All() }\n",
    }
    said = analyze(SourceTree.of_files(files, folder), None, service="shop", commit="0" * 40)
    assert next(answer.value for answer in said.answers if answer.field == "kind") == kind


@pytest.mark.parametrize(
    ("above", "beside"),
    [
        ({"nest-cli.json": '{"monorepo": true, "projects": {"api": {"root": "apps/api"}}}'}, {}),
        ({"nx.json": "{}"}, {"project.json": "{}"}),
    ],
)
def test_a_program_of_a_workspace_has_the_packages_above(
    above: dict[str, str], beside: dict[str, str]
) -> None:
    """Its own folder has none."""
    packages = {"name": "shops", "dependencies": {"@nestjs/core": "11", "pg": "8"}}
    files = {
        "package.json": json.dumps(packages, indent=1),
        **above,
        **{f"apps/api/{path}": text for path, text in beside.items()},
        "apps/api/src/main.ts": "NestFactory.create(AppModule).then(app => app.listen(3000));\n",
    }
    said = analyze(SourceTree.of_files(files, "apps/api"), None, service="shop", commit="0" * 40)
    told = {answer.field: answer.value for answer in said.answers}
    assert [told["framework"], told["database"]] == ["nestjs", "postgres"]


@pytest.mark.parametrize("place", ["", "sources/backend/"])
def test_a_program_of_a_workspace_is_named_from_where_that_lies(place: str) -> None:
    """Its root is told from the workspace's folder, wherever the repository has that."""
    files = {
        "package.json": json.dumps({"dependencies": {"@nestjs/core": "11"}}, indent=1),
        "nest-cli.json": '{"projects": {"api": {"root": "apps/api"}}}',
        "apps/api/src/main.ts": "NestFactory.create(AppModule);\n",
    }
    tree = SourceTree.of_files(
        {f"{place}{path}": text for path, text in files.items()}, f"{place}apps/api"
    )
    said = analyze(tree, None, service="shop", commit="0" * 40)
    assert {one.field: one.value for one in said.answers}["framework"] == "nestjs"


@pytest.mark.parametrize(
    ("start", "framework"),
    [("pnpm -C server start", "sails"), ("pnpm -C client start", None), ("node index.js", None)],
)
def test_a_package_that_starts_another_stands_for_it(start: str, framework: str | None) -> None:
    """What is told of the service is told where its server is."""
    files = {
        "package.json": json.dumps({"name": "shop", "scripts": {"start": start}}),
        "server/package.json": json.dumps({"name": "a", "dependencies": {"sails": "1"}}),
        "client/package.json": json.dumps({"name": "b", "dependencies": {"react": "19"}}),
    }
    assert answers(files)["framework"] == framework


@pytest.mark.parametrize(
    ("image", "kind"), [("FROM node:24\nEXPOSE 8000\n", "web"), ("FROM node:24\n", "cli")]
)
def test_a_tool_whose_image_opens_a_port_is_left_running(image: str, kind: str) -> None:
    """How people get it for themselves says nothing of that."""
    files = {
        "package.json": json.dumps({"name": "shop-proxy", "bin": {"shop-proxy": "bin/shop"}}),
        "README.md": "# Shop proxy\n\n    npm install -g shop-proxy\n",
        "Dockerfile": image,
        "lib/proxy.js": "http.createServer((req, res) => route(req, res));\n",
    }
    assert answers(files)["kind"] == kind


def test_a_site_of_thinkjs_is_a_server_whatever_command_it_brings() -> None:
    """The command makes a site of one's own."""
    content = {"name": "shop", "bin": {"shop": "bin/shop"}, "dependencies": {"thinkjs": "2"}}
    files = {"package.json": json.dumps(content), "www/index.js": "thinkjs.run()\n"}
    said = answers(files)
    assert [said["framework"], said["port"]] == ["thinkjs", 8360]


def test_a_program_of_pocketbase_is_a_server() -> None:
    """It is a server with a database of its own, whatever is added to it."""
    main = (
        'package main\n\nimport "github.com/pocketbase/pocketbase"\n\n'
        "func main() {\n\tpocketbase.New().Start()\n}\n"
    )
    mod = "module github.com/acme/shop\n\nrequire github.com/pocketbase/pocketbase v0.30.0\n"
    said = answers({"go.mod": mod, "main.go": main})
    assert [said[name] for name in ("kind", "port", "database")] == ["web", 8090, "sqlite"]
