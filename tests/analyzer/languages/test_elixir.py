"""What is read from Elixir services, one rule at a time."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze

COMMIT = "0" * 40
ENDPOINT = "defmodule ShopWeb.Endpoint do\n  use Phoenix.Endpoint, otp_app: :shop\nend\n"


def mix(*dependencies: str, project: str = "", application: str = "mod: {Shop.App, []}") -> str:
    listed = ",\n".join(f"      {dependency}" for dependency in dependencies)
    return (
        "defmodule Shop.MixProject do\n  use Mix.Project\n\n"
        f'  def project do\n    [app: :shop, elixir: "~> 1.17", deps: deps(){project}]\n  end\n\n'
        f"  def application do\n    [{application}]\n  end\n\n"
        f"  defp deps do\n    [\n{listed}\n    ]\n  end\nend\n"
    )


PHOENIX = '{:phoenix, "~> 1.8"}'
REPO = "defmodule Shop.Repo do\n  use Ecto.Repo, otp_app: :shop\nend\n"


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, JsonValue]:
    shown = {"mix.exs": mix(PHOENIX), "lib/shop_web/endpoint.ex": ENDPOINT, **files}
    said = analyze(SourceTree.of_files(shown, folder), None, service="shop", commit=COMMIT)
    return {answer.field: answer.value for answer in said.answers}


@pytest.mark.parametrize(
    ("files", "port"),
    [
        ({"config/runtime.exs": 'port = System.get_env("PORT") || "4100"\n'}, 4100),
        ({"config/runtime.exs": 'port: Env.get_integer("HTTP_PORT", 4100)\n'}, 4100),
        ({"config/prod.exs": "config :shop, E,\n  http: [port: 4100],\n  url: [port: 80]\n"}, 4100),
        ({"config/a.exs": 'config :shop, E,\n  url: [scheme: "http", port: 4100]\n'}, 4000),
        (
            {
                "config/prod.exs": "config :shop, E,\n  http: [port: 4000]\n",
                "config/dev.exs": "config :shop, E,\n  http: [port: 4100]\n",
                "README.md": "Visit <http://localhost:4100>\n",
            },
            4000,
        ),
        ({"config/runtime.exs": 'port = System.get_env("DB_PORT") || "4100"\n'}, 4000),
        ({"lib/shop_web/router.ex": 'System.get_env("UI_PORT", "3000")\n'}, 4000),
        ({"config/runtime.exs": "if config_env() == :test do\n  http: [port: 4100]\nend\n"}, 4000),
        ({}, 4000),
    ],
)
def test_reads_the_port_from_settings(files: dict[str, str], port: int) -> None:
    """The default of the port's variable, or of what is served, is the port; else Phoenix's."""
    assert answers(files)["port"] == port


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("{Bandit, plug: Shop.Router, port: 4100}\n", 4100),
        ("  @port 4100\n  {Bandit,\n   plug: Shop.Router,\n   port: @port}\n", 4100),
        ("Bandit.start_link(plug: Shop.Router, port: 4100)\n", 4100),
        ("Plug.Cowboy.http(Shop.Router, [], port: 4100)\n", 4100),
        ("port = Application.get_env(:shop, :port, 4100)\n", 4100),
        ("# {Bandit, plug: Shop.Router, port: 4100}\n", 4000),
        ("{Redix, host: host, port: 4100}\n", 4000),
        ("Application.get_env(:shop, :smtp_port, 4100)\n", 4000),
    ],
)
def test_reads_the_port_that_a_server_is_started_with(text: str, port: int) -> None:
    """Without Phoenix the server stands in the source, with its port or the module's attribute."""
    assert (
        answers({"lib/shop/application.ex": f"defmodule Shop.App do\n{text}end\n"})["port"] == port
    )


def test_what_a_generator_writes_gives_way_to_what_is_published() -> None:
    """Every new project falls back to 4000; the README tells where its container listens."""
    readme = "docker run -p 8945:8945 acme/shop\n"
    settings = {"config/runtime.exs": 'port = System.get_env("PORT") || "4000"\n'}
    assert answers({**settings, "README.md": readme})["port"] == 8945
    assert answers(settings)["port"] == 4000


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('  scope "/api", ShopWeb do\n    get "/health", HealthController, :show\n', "/api/health"),
        ('  scope "/" do\n    get("/healthcheck", PageController, :check)\n', "/healthcheck"),
        ('  scope "/ready", ShopWeb do\n    get "/", HealthController, :ready\n', "/ready"),
        ('  get "health_check" do\n    send_resp(conn, 200, "")\n', "/health_check"),
        ('  def call(%Plug.Conn{path_info: ["health"]} = conn, _), do: conn\n', "/health"),
        ('  def call(%{request_path: "/health"} = conn, _), do: conn\n', "/health"),
        ('  if conn.request_path == "/healthz" do\n', "/healthz"),
        (
            '  import Plug.Conn\n  @path "/status/alive"\n'
            "  def call(%{request_path: path} = conn, _) when path in [@path], do: conn\n",
            "/status/alive",
        ),
        (
            '  @paths [\n    "/healthz",\n    "/livez"\n  ]\n'
            "  def call(%{request_path: path} = conn, _) when path in @paths, do: conn\n",
            "/healthz",
        ),
        ('  @path "/health"\n  def ask(url), do: get(url, request_path: @path)\n', None),
        ('  get "/status", StatusController, :show\n', "/status"),
        ('  get "/ping", A, :ping\n  get "/orders/live", B, :live\n', "/ping"),
        ('  socket "/live", Phoenix.LiveView.Socket\n', None),
        ('  get "/:id/health", DeviceController, :health\n', None),
    ],
)
def test_reads_health_routes_with_their_scopes(text: str, path: str | None) -> None:
    """A route or plug for the load balancer is the health path; a socket is none."""
    assert answers({"lib/shop_web/router.ex": text})["health_path"] == path


@pytest.mark.parametrize(
    ("dependencies", "database"),
    [
        (['{:postgrex, ">= 0.0.0"}'], "postgres"),
        (['{:ash_postgres, "~> 2.0"}'], "postgres"),
        (['{:myxql, "~> 0.7"}'], "mysql"),
        (['{:ecto_sqlite3, "~> 0.17"}'], "sqlite"),
        (['{:ecto_sqlite3, "~> 0.17", only: [:dev, :test]}', '{:postgrex, "~> 0.2"}'], "postgres"),
        (['# {:postgrex, "~> 0.2"}'], "none"),
    ],
)
def test_reads_the_database_from_drivers(dependencies: list[str], database: str) -> None:
    """The driver that runs in production is the database; one for tests or in a comment is not."""
    files = {"mix.exs": mix(PHOENIX, *dependencies), "lib/shop/repo.ex": REPO}
    assert answers(files)["database"] == database


def test_reads_the_cache_and_takes_jobs_for_no_process_of_their_own() -> None:
    """A client of Redis is the cache; Oban works in the same process."""
    said = answers({"mix.exs": mix(PHOENIX, '{:redix, "~> 1.5"}', '{:oban, "~> 2.19"}')})
    assert [said["cache"], said["worker"]] == ["redis", False]


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"rel/overlays/bin/server": "#!/bin/sh\nexec ./shop start\n"}, ["bin/server"]),
        (
            {"mix.exs": mix(PHOENIX, project=", releases: [store: [quiet: true]]")},
            ["bin/store", "start"],
        ),
        ({"config/runtime.exs": "import Config\n"}, ["bin/shop", "start"]),
        ({}, ["mix", "phx.server"]),
    ],
)
def test_starts_a_release_where_there_is_one(files: dict[str, str], command: list[str]) -> None:
    """A release is started by its script or name, Phoenix without one through Mix."""
    assert answers(files)["start_command"] == command


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({}, "web"),
        (
            {
                "mix.exs": mix(PHOENIX, project=", package: package()"),
                "lib/shop_web/endpoint.ex": "# {Bandit, plug: Shop}\n",
            },
            "library",
        ),
        (
            {
                "mix.exs": mix(project=", escript: [main_module: Shop.CLI]"),
                "lib/shop_web/endpoint.ex": "defmodule A do\nend\n",
            },
            "cli",
        ),
        (
            {
                "mix.exs": mix('{:broadway, "~> 1.0"}'),
                "lib/shop_web/endpoint.ex": "defmodule A do\nend\n",
            },
            "worker",
        ),
    ],
)
def test_tells_servers_from_packages_scripts_and_workers(files: dict[str, str], kind: str) -> None:
    """The kind follows from an endpoint, from how it is published and from what it depends on."""
    assert answers(files)["kind"] == kind


def test_reads_variables_of_what_is_deployed() -> None:
    """Settings of development and tests say nothing of a container."""
    files = {
        "config/runtime.exs": 'System.fetch_env!("A_KEY")\nget_env_or(dir, "B_KEY", 1)\n',
        "config/prod.exs": 'Map.fetch!(System.get_env(), "C_KEY")\nenv.("D_KEY")\n',
        "config/dev.exs": 'System.get_env("ONLY_IN_DEVELOPMENT")\n',
        "lib/a.ex": 'convert_primitive("STRING")\n',
    }
    assert answers(files)["environment_variables"] == ["A_KEY", "B_KEY", "C_KEY", "D_KEY"]


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".tool-versions": "erlang 27.2\nelixir 1.18.1-otp-27\n"}, "1.18.1"),
        ({"mise.toml": '[tools]\nelixir = "1.19.5-otp-28"\n'}, "1.19.5"),
        ({}, "1.17"),
    ],
)
def test_reads_the_version_that_is_pinned(files: dict[str, str], version: str) -> None:
    """A version file outweighs the least version that the project asks for."""
    assert answers(files)["runtime_version"] == version


def test_migrates_by_the_releases_own_task() -> None:
    """A function that migrates is called through the release."""
    files = {
        "mix.exs": mix(PHOENIX, '{:ecto_sql, "~> 3.12"}', '{:postgrex, "~> 0.2"}'),
        "priv/repo/migrations/1_a.exs": "create table(:a)\n",
        "lib/shop/release.ex": "defmodule Shop.Release do\n  def migrate do\n  end\nend\n",
    }
    said = answers(files)
    wanted = ["ecto", ["bin/shop", "eval", "Shop.Release.migrate"]]
    assert [said["migration_tool"], said["migration_command"]] == wanted


def test_reads_the_applications_of_an_umbrella() -> None:
    """An umbrella's dependencies are those of its applications."""
    files = {
        "mix.exs": mix(project=', apps_path: "apps"'),
        "apps/shop_web/mix.exs": mix(PHOENIX),
        "apps/shop/mix.exs": mix('{:postgrex, "~> 0.2"}'),
        "apps/shop/lib/repo.ex": REPO,
    }
    said = answers(files)
    assert [said["framework"], said["database"]] == ["phoenix", "postgres"]


def test_an_application_has_what_those_beside_it_have_that_it_names() -> None:
    """Of an umbrella's applications, and what these name in turn."""
    files = {
        "mix.exs": mix(project=', apps_path: "apps"'),
        "apps/shop_web/mix.exs": mix(PHOENIX, "{:shop, in_umbrella: true}"),
        "apps/pages_web/mix.exs": mix(PHOENIX, "{:shop, in_umbrella: true, only: [:test]}"),
        "apps/shop/mix.exs": mix("{:store, in_umbrella: true}"),
        "apps/store/mix.exs": mix('{:postgrex, "~> 0.2"}', '{:ecto_sql, "~> 3.6"}'),
        "apps/store/lib/repo.ex": REPO,
        "apps/shop_web/lib/shop_web/endpoint.ex": ENDPOINT,
        "apps/pages_web/lib/pages_web/endpoint.ex": ENDPOINT,
    }
    assert answers(files, "apps/shop_web")["database"] == "postgres"
    assert answers(files, "apps/pages_web")["database"] == "none"
    alone = {**files, "apps/shop/mix.exs": mix("{:store, in_umbrella: true}", application="")}
    assert answers(alone, "apps/shop")["kind"] == "library"
    twice = {**files, "other/mix.exs": mix(), "other/apps/store/mix.exs": mix('{:myxql, "~> 1"}')}
    assert answers(twice, "apps/shop_web")["database"] == "postgres"


@pytest.mark.parametrize(
    ("files", "port"),
    [
        ({"config/ci.exs": "config :shop, E,\n  http: [port: 4001]\n"}, 4000),
        ({"config/dev.exs": 'http: [port: System.get_env("SERVE_PORT") || "7001"]\n'}, 7001),
        ({"config/runtime.exs": 'port: System.get_env("DATADOG_PORT") || "8126"\n'}, 4000),
    ],
)
def test_ports_of_places_where_it_is_tried_do_not_count(files: dict[str, str], port: int) -> None:
    """What developers are given in a new project's stead does."""
    assert answers(files)["port"] == port


def test_a_router_is_put_under_the_path_that_forwards_to_it() -> None:
    """The module that is named there has a file of its name."""
    files = {
        "lib/shop_web/router.ex": ('scope "/api" do\n  forward "/v1", ShopWeb.ApiRouter\nend\n'),
        "lib/shop_web/api_router.ex": 'get "/health", ShopWeb.HealthController, :index\n',
    }
    assert answers(files)["health_path"] == "/api/v1/health"


def test_an_older_adapter_serves_as_well() -> None:
    """Its supervisor names it with the plug that it serves."""
    project = mix('{:cowboy, "~> 2.0"}')
    child = "    {Plug.Adapters.Cowboy2, scheme: :http, plug: Shop.Router, options: []}\n"
    source = {"lib/shop_web/endpoint.ex": f"defmodule Shop.Sup do\n{child}end\n"}
    assert answers({"mix.exs": project, **source})["kind"] == "web"


def test_a_server_of_plugs_may_be_a_child_that_is_described() -> None:
    """What takes messages besides is no worker then."""
    listed = mix('{:plug_cowboy, "~> 2.5"}', '{:amqp, "~> 3.0"}')
    started = (
        "defmodule Shop do\n  def c, do: [\n    Plug.Cowboy.child_spec(\n      o\n    )]\nend\n"
    )
    files = {"mix.exs": listed, "lib/shop_web/endpoint.ex": "", "lib/shop.ex": started}
    assert answers(files)["kind"] == "web"
    assert answers({**files, "lib/shop.ex": ""})["kind"] == "worker"
