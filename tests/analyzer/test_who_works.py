"""What tells a worker, a tool or a library where something beside it listens."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from analyzer.witnesses.clusters.kubernetes import kubernetes_facts
from analyzer.witnesses.containers.dockerfile import dockerfile_facts
from analyzer.witnesses.env_file import env_file_facts
from tests.analyzer.witnessed import facts_of, sure_of, values_of

GO_MODULE = "module github.com/acme/shop\n\ngo 1.24\n"
DEPLOYMENT = (
    "kind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n"
    "      containers:\n        - name: shop\n          image: acme/shop:1\n"
)
PROJECT = (
    '<Project Sdk="Microsoft.NET.Sdk{sdk}"><PropertyGroup>{said}</PropertyGroup>{more}</Project>'
)


def answers(files: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return what is said of a tree, by field."""
    said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    return {answer.field: answer.value for answer in said.answers}


def package(content: Mapping[str, JsonValue], **more: str) -> dict[str, str]:
    """Return a Node project of one file and others beside it."""
    return {"package.json": json.dumps(content, indent=1), "index.js": "run()\n", **more}


def test_a_package_called_a_bot_works_whatever_it_serves_beside() -> None:
    """The connection that a chat bot holds is what it is for; a page for probes is not."""
    dependencies: JsonValue = {"discord.js": "14", "express": "4"}
    scripts: JsonValue = {"start": "node index.js"}
    bot = package({"name": "reactibot", "dependencies": dependencies, "scripts": scripts})
    assert answers(bot)["kind"] == "worker"
    served: JsonValue = {"discord.js": "14", "next": "15"}
    shop = package({"name": "shop", "dependencies": served, "scripts": scripts})
    assert answers(shop)["kind"] == "web"


def test_what_can_be_imported_may_have_its_command_as_an_aside() -> None:
    """A package with types and a command is what its README shows it used as."""
    content: dict[str, JsonValue] = {"name": "shop", "bin": "cli.js", "types": "index.d.ts"}
    readme = "Shop is a job queue built on stores.\n\n    const s = require('shop')\n"
    assert answers(package(content, **{"README.md": readme}))["kind"] == "library"
    assert answers(package(content))["kind"] == "cli"


def test_a_workspace_of_pnpms_is_a_library_unless_it_is_called_after_its_command() -> None:
    """Packages that are all published make no service; one with the whole's own command does."""
    members = {
        "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n",
        "packages/core/package.json": '{"name": "@shop/core", "main": "i.js", "exports": "./i.js"}',
    }
    root = package({"name": "@shop/monorepo", "private": True}, **members)
    assert answers(root)["kind"] == "library"
    tool = {"packages/cli/package.json": '{"name": "shop", "bin": "cli.js"}'}
    assert answers(root | tool)["kind"] != "library"


@pytest.mark.parametrize(
    ("name", "library", "kind"),
    [
        ("shop-bot", "github.com/go-telegram-bot-api/telegram-bot-api", "worker"),
        ("shop-consumer", "github.com/acme/house/kafka/client", "worker"),
        ("shop-consumer", "github.com/acme/house/log", "web"),
        ("shop", "github.com/segmentio/kafka-go", "web"),
    ],
)
def test_a_module_called_after_waiting_works_whatever_it_listens_on(
    name: str, library: str, kind: str
) -> None:
    """What listens is for who watches it, or takes more of what it is told elsewhere."""
    listens = 'package main\n\nimport (\n\t"net"\n\t"{}"\n)\n\nvar l, e = net.Listen("tcp", ":7")\n'
    files = {
        "go.mod": f"module github.com/acme/{name}\n\ngo 1.24\n",
        "main.go": listens.format(library),
        "Dockerfile": "FROM scratch\nEXPOSE 7000\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    "path",
    [
        "github.com/robfig/cron/v3",
        "k8s.io/client-go/tools/cache",
        "github.com/aws/aws-lambda-go/lambda",
    ],
)
def test_a_program_that_keeps_hours_or_watches_a_cluster_works(path: str) -> None:
    """A scheduler's library, a cache of a cluster's objects and a function are a worker's."""
    main = f'package main\n\nimport (\n\t"{path}"\n)\n\nfunc main() {{}}\n'
    assert answers({"go.mod": GO_MODULE, "main.go": main})["kind"] == "worker"


def test_to_wait_for_what_a_database_tells_is_not_to_serve() -> None:
    """A subscription takes a context alone; a listener takes an address."""
    library = {"go.mod": GO_MODULE, "shop.go": "package shop\n"}
    main = 'package main\n\nimport (\n\t"net/http"\n)\n\nfunc main() {{\n\tl.Listen({})\n}}\n'
    assert answers(library | {"cmd/shop/main.go": main.format("ctx")})["kind"] == "library"
    assert answers(library | {"cmd/shop/main.go": main.format('"tcp", addr')})["kind"] == "web"


def test_where_nothing_listens_the_program_that_works_is_the_service() -> None:
    """Of a worker and what gives it work the worker goes on running."""
    imports = 'import (\n\t"go.temporal.io/sdk/client"\n)\n'
    program = f"package main\n\n{imports}\nfunc main() {{}}\n"
    files = {"go.mod": GO_MODULE, "starter/main.go": program, "worker/main.go": program}
    assert answers(files)["start_command"] == ["./worker"]


def test_a_consumer_among_the_gems_works_where_nothing_serves() -> None:
    """A queue's client alone is a worker; with a framework it is only how the server speaks."""
    consumer = 'source "https://rubygems.org"\ngem "bunny"\n'
    assert answers({"Gemfile": consumer, "bin/shop": "run\n"})["kind"] == "worker"
    assert answers({"Gemfile": f'{consumer}gem "sinatra"\n', "app.rb": "run\n"})["kind"] != "worker"


def test_a_queue_of_jobs_alone_works_whatever_gems_of_rails_it_needs() -> None:
    """A mailer needs railties; what serves has an application."""
    gems = 'source "https://rubygems.org"\ngem "sidekiq"\ngem "actionmailer"\ngem "railties"\n'
    files = {"Gemfile": gems, "lib/tasks.rb": "class Tasks\nend\n"}
    assert answers(files)["kind"] == "worker"
    assert answers({**files, "config/application.rb": "class App\nend\n"})["kind"] == "web"


@pytest.mark.parametrize(
    ("beside", "imported", "kind"),
    [("", "", "worker"), ("flask\n", "import flask\n", "web"), ("flask\n", "", "worker")],
)
def test_a_client_of_a_queue_works_where_no_framework_is(
    beside: str, imported: str, kind: str
) -> None:
    """Its script is how it is started; what nothing imports is required for others."""
    files = {
        "requirements.txt": f"confluent-kafka\n{beside}",
        "shop/app.py": f"import confluent_kafka\n{imported}",
        "setup.py": "setup(entry_points={'console_scripts': ['shop = shop.app:main']})\n",
    }
    assert answers(files)["kind"] == kind


def test_of_several_gemspecs_the_one_with_a_command_is_the_whole() -> None:
    """A gem that is split for those who need less of it is still the tool."""
    spec = 'Gem::Specification.new do |s|\n  s.name = "{}"\n{}end\n'
    files = {
        "shop-lib.gemspec": spec.format("shop-lib", ""),
        "shop.gemspec": spec.format("shop", '  s.executables = ["shop"]\n'),
        "lib/shop.rb": "run\n",
    }
    assert answers(files)["kind"] == "cli"


def test_a_gem_that_its_users_load_is_a_library_whatever_it_shows_beside() -> None:
    """A rack file in a gem shows what it brings; a Gemfile's line loads it into a program."""
    spec = 'Gem::Specification.new do |s|\n  s.name = "shop"\n  s.executables = ["shop"]\nend\n'
    readme = "Shop is a library for creating shops.\n\n    gem 'shop'\n"
    gem = {"shop.gemspec": spec, "lib/shop.rb": "run\n", "README.md": readme}
    assert answers(gem)["kind"] == "library"
    assert answers(gem | {"config.ru": "run Shop\n"})["kind"] == "library"


def test_a_container_that_nobody_can_ask_works() -> None:
    """Without port, probe and Service a container of the service's image answers nobody."""
    found = facts_of(kubernetes_facts, {"deploy/shop.yaml": DEPLOYMENT})
    assert sure_of(found, "kind") == [("worker", "medium")]
    port = "          ports:\n            - containerPort: 80\n"
    for files in (
        {"deploy/shop.yaml": DEPLOYMENT + port},
        {"deploy/shop.yaml": DEPLOYMENT, "deploy/service.yaml": "kind: Service\n"},
    ):
        assert sure_of(facts_of(kubernetes_facts, files), "kind") == []


def test_a_program_that_reads_arguments_is_a_tool() -> None:
    """A library for arguments tells more than a program that may do anything."""
    more = '<ItemGroup><PackageReference Include="Spectre.Console.Cli" /></ItemGroup>'
    said = "<OutputType>Exe</OutputType>"
    project = PROJECT.format(sdk="", said=said, more=more)
    files = {"src/Shop/Shop.csproj": project, "src/Shop/Program.cs": "class P {}\n"}
    assert answers(files)["kind"] == "cli"


def test_a_harness_beside_packages_is_no_service() -> None:
    """What tries out the packages that are made beside it serves nobody else."""
    files = {
        "Src/Library/Shop.csproj": PROJECT.format(
            sdk="", said="<PackageTags>a</PackageTags>", more=""
        ),
        "Src/Library/Shop.cs": "class S {}\n",
        "TestHarness/Web/Web.csproj": PROJECT.format(sdk=".Web", said="", more=""),
    }
    assert answers(files)["kind"] == "library"


def test_a_library_that_watches_a_cluster_makes_a_worker() -> None:
    """An operator in Python waits for what others change."""
    files = {"requirements.txt": "pykube-ng\n", "shop/main.py": "import pykube\n"}
    assert answers(files)["kind"] == "worker"


def test_requirements_of_a_setup_file_may_have_a_name() -> None:
    """The list that `install_requires` names is read, and no other list of the file."""
    data = 'package_data={"a": ["templates"]}'
    setup = f'REQUIRED = ["flask"]\nsetup(install_requires=REQUIRED, {data})\n'
    files = {"setup.py": setup, "shop/app.py": "from flask import Flask\n"}
    assert answers(files)["framework"] == "flask"


def test_a_sample_of_settings_tells_the_port() -> None:
    """The port beside the host in a sample of the service's settings is its own."""
    files = {
        "requirements.txt": "aiohttp\n",
        "shop/main.py": "import aiohttp.web\n",
        "shop/example-config.yaml": "server:\n  # Where.\n  hostname: 0.0.0.0\n  port: 29316\n",
    }
    assert answers(files)["port"] == 29316


def test_the_port_of_a_store_is_not_the_services() -> None:
    """A variable that holds where a store listens says nothing of the service."""
    assert values_of(facts_of(env_file_facts, {".env.example": "PORT=5432\n"}), "port") == []
    assert values_of(facts_of(env_file_facts, {".env.example": "PORT=8432\n"}), "port") == ["8432"]


@pytest.mark.parametrize(
    ("base", "command", "expected"),
    [
        ("gcr.io/distroless/nodejs22-debian12", '["main.js"]', ["node", "main.js"]),
        (
            "node:24-slim",
            '["--import", "t.js", "main.js"]',
            ["node", "--import", "t.js", "main.js"],
        ),
        ("node:24-slim", '["npm", "start"]', ["npm", "start"]),
    ],
)
def test_a_base_image_starts_what_names_no_program(
    base: str, command: str, expected: list[str]
) -> None:
    """The command is told as it runs: with the program that the base image starts it by."""
    found = facts_of(dockerfile_facts, {"Dockerfile": f"FROM {base}\nCMD {command}\n"})
    assert [fact.value for fact in found if fact.field == "start_command"] == [expected]


def test_a_module_called_an_operator_works_whatever_its_framework() -> None:
    """An operator that answers webhooks by a framework still watches its cluster."""
    imports = 'import (\n\t"k8s.io/client-go/informers"\n\t"github.com/go-chi/chi/v5"\n)\n'
    main = f"package main\n\n{imports}\nfunc main() {{\n\thttp.ListenAndServe(a, nil)\n}}\n"
    module = "module github.com/acme/{}\n\ngo 1.24\n"
    assert answers({"go.mod": module.format("shop-operator"), "main.go": main})["kind"] == "worker"
    assert answers({"go.mod": module.format("shop"), "main.go": main})["kind"] == "web"


def test_a_version_where_gems_keep_it_makes_a_library() -> None:
    """A library is one whose specification is only made when it is published, too."""
    version = 'module Shop\n  VERSION = "1"\nend\n'
    files = {"Gemfile": 'source "https://rubygems.org"\n', "lib/shop.rb": "run\n"}
    files["lib/shop/version.rb"] = version
    assert answers(files)["kind"] == "library"
    assert answers(files | {"config.ru": "run Shop\n"})["kind"] == "web"


def test_a_readme_in_ruby_shows_a_library_used_by_its_constant() -> None:
    """A gem with a command that its README includes in a class is a library."""
    spec = 'Gem::Specification.new do |s|\n  s.name = "shopparty"\n  s.executables = ["s"]\nend\n'
    readme = "    gem install shopparty\n\n    class A\n      include ShopParty\n    end\n"
    files = {"shopparty.gemspec": spec, "lib/shopparty.rb": "run\n", "README.md": readme}
    assert answers(files)["kind"] == "library"


def test_a_summary_that_begins_with_a_toolkit_makes_a_library() -> None:
    """What a gem is comes before what is made with it."""
    summary = '  s.summary = "Shop is a toolkit for powerful command-line interfaces."\n'
    spec = f'Gem::Specification.new do |s|\n  s.executables = ["shop"]\n{summary}end\n'
    assert answers({"shop.gemspec": spec, "lib/shop.rb": "run\n"})["kind"] == "library"


def test_a_plugin_of_builds_is_no_program_however_it_is_packed() -> None:
    """An archive with all that it needs is made of plug-ins, too."""
    plugins = 'plugins {\n  id("com.gradle.plugin-publish")\n  id("com.gradleup.shadow")\n}\n'
    dependencies = 'dependencies {\n  implementation("a:b:1")\n}\n'
    files = {"build.gradle.kts": plugins + dependencies, "src/main/kotlin/P.kt": "class P\n"}
    assert answers(files)["kind"] == "library"


def test_a_framework_whose_default_port_nobody_sets_speaks_once() -> None:
    """The port that follows from the framework's own line is no second witness."""
    files = {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["fastapi"]\n'
        '[project.scripts]\nshop = "shop:main"\n',
        "README.md": "Shop is the fastest command-line music downloader.\n\n    pip install shop\n",
        "shop/main.py": "run()\n",
    }
    assert answers(files)["kind"] == "cli"


def test_an_endpoint_that_a_task_writes_is_not_the_packages() -> None:
    """A package whose installer writes an endpoint for others serves nothing itself."""
    mix = (
        "defmodule Shop.MixProject do\n  def project, do: [app: :shop, package: package()]\n"
        '  defp deps, do: [{:phoenix, "~> 1.7"}]\nend\n'
    )
    endpoint = "defmodule E do\n  use Phoenix.Endpoint, otp_app: :shop\nend\n"
    package = {"mix.exs": mix, "lib/shop.ex": "defmodule Shop do\nend\n"}
    assert answers(package | {"lib/mix/tasks/install.ex": endpoint})["kind"] == "library"
    assert answers(package | {"lib/shop/endpoint.ex": endpoint})["kind"] == "web"
