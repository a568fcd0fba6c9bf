"""What only lets itself be watched, or is called after its work, is no server."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze

GO_MODULE = "module github.com/acme/shop\n\ngo 1.24\n"


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, JsonValue]:
    """Return what is said of a tree, by field."""
    said = analyze(SourceTree.of_files(files, folder), None, service="shop", commit="0" * 40)
    return {answer.field: answer.value for answer in said.answers}


@pytest.mark.parametrize(
    ("routes", "kind"),
    [
        ('@app.get("/healthz")\ndef ok():\n    pass\n', "worker"),
        (
            '@app.get("/")\ndef hello():\n    pass\n@app.get("/metrics")\ndef m():\n    pass\n',
            "worker",
        ),
        (
            '@app.get("/healthz")\ndef a():\n    pass\n@app.post("/carts")\ndef b():\n    pass\n',
            "web",
        ),
        ("@app.get(PATH)\ndef any():\n    pass\n", "web"),
        ("import strawberry\n", "web"),
    ],
)
def test_a_consumer_of_python_that_only_lets_itself_be_watched_is_no_server(
    routes: str, kind: str
) -> None:
    """A route that cannot be read may be any."""
    source = f"import aiokafka\nfrom fastapi import FastAPI\napp = FastAPI()\n{routes}"
    files = {"requirements.txt": "fastapi\naiokafka\n", "shop/main.py": source}
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("name", "kind"), [("shop-worker", "worker"), ("shop", "web")])
def test_a_project_of_python_may_be_called_a_worker(name: str, kind: str) -> None:
    """What it answers besides is for those who look after its work."""
    source = 'from flask import Flask\napp = Flask()\n@app.route("/jobs")\ndef a():\n    pass\n'
    project = f'[project]\nname = "{name}"\ndependencies = ["flask", "redis"]\n'
    assert answers({"pyproject.toml": project, "shop/main.py": source})["kind"] == kind


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        ("  def do_GET(self):\n    self.send_response(200)\n", "worker"),
        ('  def do_GET(self):\n    if self.path == "/carts":\n      pass\n', "web"),
        ("  def do_POST(self):\n    pass\n", "web"),
    ],
)
def test_a_handler_that_looks_at_no_path_answers_everybody_alike(handler: str, kind: str) -> None:
    """It is there for who asks whether the program lives."""
    source = (
        "import pika\nfrom http.server import BaseHTTPRequestHandler, HTTPServer\n"
        f"class Answer(BaseHTTPRequestHandler):\n{handler}HTTPServer(('', 80), Answer)\n"
    )
    files = {"requirements.txt": "pika\n", "shop.py": source, "Dockerfile": "EXPOSE 80\n"}
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("cmd/order-notifier", "worker"), ("cmd/orderProcessor", "worker"), ("cmd/orders", "cli")],
)
def test_a_program_that_does_not_listen_is_what_it_is_called_after(name: str, kind: str) -> None:
    """Of the rest a person calls it."""
    files = {"go.mod": GO_MODULE, f"{name}/main.go": "package main\n\nfunc main() {\n}\n"}
    assert answers(files, name)["kind"] == kind


def test_what_is_called_a_worker_and_reads_a_queue_may_have_any_framework() -> None:
    """Its other routes are for those who look after its work."""
    imports = '"github.com/streadway/amqp"\n\t"github.com/gorilla/mux"'
    main = (
        f"package main\n\nimport (\n\t{imports}\n)\n\nfunc main() {{\n"
        '\trouter.HandleFunc("/jobs", jobs)\n\thttp.ListenAndServe(addr, router)\n}\n'
    )
    for name, kind in (("worker", "worker"), ("carts", "web")):
        files = {"go.mod": f"module example.org/{name}\n\ngo 1.24\n", "main.go": main}
        assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("name", "kind"), [("Shop.Jobs", "worker"), ("Shop.Import", "cli")])
def test_a_plain_program_of_dotnet_may_be_called_after_work(name: str, kind: str) -> None:
    """Its output may be said elsewhere; where a program begins is told by its source."""
    files = {
        f"{name}.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>\n',
        "Program.cs": "class Program {\n  public static async Task Main(string[] args) {}\n}\n",
    }
    assert answers(files)["kind"] == kind


def test_a_program_of_dotnet_on_the_generic_host_works_until_it_is_stopped() -> None:
    """Nothing else is said of it."""
    package = '<PackageReference Include="Microsoft.Extensions.Hosting" Version="9" />'
    project = (
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>'
        f"</PropertyGroup><ItemGroup>{package}</ItemGroup></Project>\n"
    )
    assert answers({"Shop.csproj": project, "Program.cs": "run();\n"})["kind"] == "worker"


@pytest.mark.parametrize(("need", "kind"), [('"ext-pcntl": "*"', "worker"), ("", "library")])
def test_a_package_of_php_from_which_nothing_is_loaded_may_go_on_running(
    need: str, kind: str
) -> None:
    """It handles the signals that end it."""
    files = {
        "composer.json": f'{{"name": "shop/runner", "require": {{{need}}}}}\n',
        "run": "<?php\n",
        "src/A.php": "<?php\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("path", "kind"), [("src/healthCheck.js", "worker"), ("src/server.js", "web")]
)
def test_a_server_in_a_file_called_after_health_is_for_who_watches(path: str, kind: str) -> None:
    """What looks at no request answers everybody alike, and what looks for measures too."""
    package = {"name": "shop", "private": True, "scripts": {"start": "node src/index.js"}}
    package["dependencies"] = {"pulsar-client": "1"}
    source = "require('http').createServer((req, res) => res.end(all(req))).listen(8080);\n"
    files = {"package.json": json.dumps(package), "src/index.js": "run();\n", path: source}
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("asked", "kind"),
    [("req.url === '/metrics'", "worker"), ("req.url === '/carts'", "web")],
)
def test_a_server_without_a_framework_looks_at_the_path_itself(asked: str, kind: str) -> None:
    """Where it knows none but those for who watches it, nothing is served."""
    package = {"name": "shop", "private": True, "scripts": {"start": "node index.js"}}
    source = (
        f"require('http').createServer((req, res) => {{ if ({asked}) res.end() }}).listen(80);\n"
    )
    files = {"package.json": json.dumps(package), "index.js": source}
    assert answers(files)["kind"] == kind


def test_a_process_of_the_web_that_only_fails_is_none() -> None:
    """Some platforms start one by that name unless it is taken away."""
    files = {
        "Procfile": "run-bot: php -f shop.php\nweb: false\n",
        "composer.json": '{"name": "shop/carts"}\n',
        "shop.php": "<?php\n",
    }
    assert answers(files)["kind"] == "worker"


@pytest.mark.parametrize(
    ("routes", "kind"),
    [
        ("  plug Shop.HealthPlug\n  plug :match\n", "worker"),
        ('  get "/metrics" do\n  end\n', "worker"),
        ('  get "/metrics" do\n  end\n  post "/carts" do\n  end\n', "web"),
    ],
)
def test_a_consumer_of_elixir_that_only_lets_itself_be_watched_is_no_server(
    routes: str, kind: str
) -> None:
    """Its router knows nothing else."""
    mix = (
        "defmodule Shop.MixProject do\n  def project do\n    [app: :shop, deps: deps()]\n  end\n"
        '  defp deps do\n    [{:bandit, "~> 1.0"}, {:amqp, "~> 3.0"}]\n  end\nend\n'
    )
    router = f"defmodule Shop.Router do\n  use Plug.Router\n{routes}end\n"
    start = "defmodule Shop do\n  @children [{Bandit, plug: Shop.Router}]\nend\n"
    files = {"mix.exs": mix, "lib/shop.ex": start, "lib/router.ex": router}
    assert answers(files)["kind"] == kind


def test_a_service_that_listens_in_another_compose_file_listens() -> None:
    """One file is laid over the other."""
    over = {"compose.prod.yaml": "services:\n  shop:\n    build: .\n    restart: always\n"}
    base = {"compose.yaml": "services:\n  shop:\n    image: shop\n    ports: ['80:80']\n"}
    plain = {"Dockerfile": "FROM alpine\n"}
    assert answers({**plain, **over})["kind"] == "worker"
    assert answers({**plain, **over, **base})["kind"] != "worker"


def test_how_a_container_is_called_is_no_name_of_the_project() -> None:
    """A store may be run beside the service under any name."""
    files = {
        "README.md": "# shop\n\n    docker run -d --name shop-db -p 5432:5432 postgres\n",
        "package.json": '{"name": "shop", "private": true, "dependencies": {"kafkajs": "1"}}\n',
        "index.js": "run();\n",
    }
    assert answers(files)["kind"] == "worker"


def test_what_is_measured_goes_on_running() -> None:
    """A person who calls a command asks for no measures of it."""
    main = 'package main\n\nimport (\n\t"{}/metrics"\n)\n\nfunc main() {{\n}}\n'
    own = {"go.mod": GO_MODULE, "main.go": main.format("github.com/acme/shop")}
    assert answers(own)["kind"] == "worker"
    cargo = '[package]\nname = "shop"\n\n[dependencies]\nmetrics = "0.24"\n'
    assert answers({"Cargo.toml": cargo, "src/main.rs": "fn main() {}\n"})["kind"] == "worker"


def test_what_extends_a_clusters_api_is_asked_by_it() -> None:
    """It may watch the cluster's objects besides."""
    imports = '"k8s.io/client-go/tools/cache"\n\t"{}"'
    for beside, kind in (("k8s.io/apiserver/pkg/server", "web"), ("net/http", "worker")):
        source = f"package main\n\nimport (\n\t{imports.format(beside)}\n)\n\nfunc main() {{\n"
        files = {"go.mod": GO_MODULE, "main.go": f"{source}\thttp.ListenAndServe(addr, nil)\n}}\n"}
        assert answers(files)["kind"] == kind


SPRING = (
    "<project><artifactId>shop</artifactId><build><plugins><plugin>"
    "<artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>"
    "<dependencies><dependency><groupId>org.springframework.boot</groupId>"
    "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>\n"
)


@pytest.mark.parametrize(
    ("controller", "name", "kind"),
    [
        ("@RestController class A implements Carts {}", "shop", "web"),
        ('@RestController class A { @GetMapping("/ping") void a(); }', "shop", "worker"),
        ('@RestController class A { @PostMapping("/carts") void a(); }', "shop", "web"),
        ('@RestController class A { @PostMapping("/carts") void a(); }', "shop-worker", "worker"),
    ],
)
def test_a_listener_of_spring_serves_where_others_call_it(
    controller: str, name: str, kind: str
) -> None:
    """The routes of a controller may stand in an interface beside."""
    files = {
        "pom.xml": SPRING.replace(">shop<", f">{name}<"),
        "src/main/java/Shop.java": "@SpringBootApplication\nclass A { @KafkaListener void b(); }\n",
        "src/main/java/A.java": f"{controller}\n",
    }
    assert answers(files)["kind"] == kind


def test_what_has_an_image_is_hardly_called_by_a_person_or_imported() -> None:
    """A program of Java's without a word of its arguments, and a package with a main file alone."""
    build = "plugins {\n    id 'application'\n}\napplication { mainClass = 'shop.Main' }\n"
    java = {"build.gradle": build, "src/main/java/shop/Main.java": "class Main {}\n"}
    node = {
        "package.json": '{"name": "shop", "main": "index.js", "dependencies": {"kafkajs": "2"}}\n',
        "index.js": "run();\n",
        "README.md": "# Shop\n\nShop is a library for shops.\n",
    }
    image = {"Dockerfile": 'FROM base\nCMD ["run"]\n'}
    for files, kind in ((java, "cli"), (node, "library")):
        assert answers(files)["kind"] == kind
        assert answers({**files, **image})["kind"] == "worker"


@pytest.mark.parametrize(("name", "kind"), [("JobScheduler", "worker"), ("Shop", "web")])
def test_a_server_of_dotnet_called_after_its_work_shows_it_at_most(name: str, kind: str) -> None:
    """Its pages are for who looks after the jobs."""
    files = {
        f"{name}.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n',
        "Listener.cs": "class Listener : BackgroundService {}\n",
        "Jobs.cs": "[ApiController]\nclass JobsController : ControllerBase {}\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("triggers", "kind"), [("serviceBus", "worker"), ("serviceBus http", "web")]
)
def test_functions_of_azure_are_called_by_what_triggers_them(triggers: str, kind: str) -> None:
    """One that a request calls makes a server of them."""
    content = {"name": "shop", "private": True, "scripts": {"start": "func start -p 7071"}}
    files = {"package.json": json.dumps(content), "host.json": "{}\n"}
    for name in triggers.split():
        files[f"{name}/function.json"] = f'{{"bindings": [{{"type": "{name}Trigger"}}]}}\n'
        files[f"{name}/index.js"] = "module.exports = run\n"
    assert answers(files)["kind"] == kind


def test_what_stands_behind_a_proxy_of_its_compose_file_listens() -> None:
    """What publishes a port waits for it; a store that waits for nobody does not."""
    proxy = "  proxy:\n    image: nginx\n    ports: ['80:80']\n    depends_on: [shop]\n"
    built = "services:\n  shop:\n    build: .\n"
    files = {"Dockerfile": "FROM alpine\n", "compose.yaml": built}
    assert answers(files)["kind"] == "worker"
    assert answers({**files, "compose.yaml": built + proxy})["kind"] != "worker"


def test_a_module_of_gradle_may_have_a_script_called_after_it() -> None:
    """As where a build has many modules."""
    boot = "plugins {\n  id 'org.springframework.boot' version '3.5.0'\n}\ndependencies {\n"
    starter = "  implementation 'org.springframework.boot:spring-boot-starter-web'\n}\n"
    files = {
        "settings.gradle": "include 'shop-web'\n",
        "build.gradle": "plugins {\n  id 'java'\n}\n",
        "shop-web/shop-web.gradle": boot + starter,
        "shop-web/src/main/java/Shop.java": "@SpringBootApplication class Shop {}\n",
    }
    assert answers(files)["kind"] == "web"


def test_a_client_for_others_deep_in_a_tree_is_not_what_it_is_written_in() -> None:
    """Generators make one for each language."""
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n\n[dependencies]\naxum = "0.8"\n',
        "src/main.rs": "fn main() { axum::serve(a, b); }\n",
        "openapi/dotnet/src/Client/Client.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>\n',
        **{f"openapi/dotnet/src/Client/A{n}.cs": "class A {}\n" for n in range(9)},
    }
    assert answers(files)["language"] == "rust"


@pytest.mark.parametrize(
    ("start", "beside", "kind"),
    [
        ("NestFactory.create(AppModule)", "", "web"),
        ("NestFactory.createApplicationContext(AppModule)", "", "worker"),
        ("NestFactory.createApplicationContext(AppModule)", "nest-commander", "cli"),
        ("NestFactory.createMicroservice(App, {transport: Transport.KAFKA})", "", "worker"),
        ("NestFactory.createMicroservice(App, {transport: Transport.TCP})", "", "web"),
        ("NestFactory.createMicroservice(App, options)", "", "web"),
        ("NestFactory.create(App); c({transport: Transport.RMQ})", "", "web"),
    ],
)
def test_nest_is_started_for_requests_for_messages_or_for_nobody(
    start: str, beside: str, kind: str
) -> None:
    """Messages over TCP are requests; what serves may take messages besides."""
    named = dict.fromkeys(filter(None, ("@nestjs/core", beside)), "11")
    content = {"name": "shop", "private": True, "scripts": {"start": "node dist/main"}}
    package = json.dumps({**content, "dependencies": named})
    files = {"package.json": package, "src/main.ts": f"const app = await {start};\n"}
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("trigger", "kind"), [("ServiceBusTrigger", "worker"), ("HttpTrigger", "web")]
)
def test_a_function_of_dotnet_is_called_by_its_trigger(trigger: str, kind: str) -> None:
    """Its host starts what is built as a library."""
    package = '<PackageReference Include="Microsoft.NET.Sdk.Functions" Version="4" />'
    project = f'<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{package}</ItemGroup></Project>\n'
    files = {
        "Shop.csproj": project,
        "Carts.cs": f'class Carts {{ void Run([{trigger}("carts")] string cart) {{}} }}\n',
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("beside", "kind"), [("", "worker"), ('@GetMapping("/carts")', "web")])
def test_what_spring_runs_once_it_has_started_works_where_nobody_asks(
    beside: str, kind: str
) -> None:
    """Whoever is asked prepares with it."""
    runner = f"class Shop implements CommandLineRunner {{ {beside} void a(); }}\n"
    shop = f"@SpringBootApplication\n{runner}"
    assert answers({"pom.xml": SPRING, "src/main/java/Shop.java": shop})["kind"] == kind


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ('"celery", "-A", "shop", "worker"', "worker"),
        ('"gunicorn", "shop.wsgi"', "web"),
        ('"sh", "-c", "celery -A shop worker & gunicorn shop.wsgi"', "web"),
    ],
)
def test_an_image_that_starts_what_works_serves_nobody(command: str, kind: str) -> None:
    """Whatever framework the jobs are written with."""
    files = {
        "requirements.txt": "django\ncelery\ngunicorn\n",
        "manage.py": "import django\n",
        "shop/wsgi.py": "application = get_wsgi_application()\n",
        "Dockerfile": f"FROM python:3.13\nCMD [{command}]\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("Shop.Job.Carts", "worker"), ("Shop.Worker.Api", "worker"), ("Shop", "web")]
)
def test_a_part_of_a_name_of_dotnet_may_tell_of_work(name: str, kind: str) -> None:
    """Houses put it in the middle."""
    files = {
        f"{name}.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>\n',
        "Timer.cs": "class Timer : IHostedService {}\n",
        "Pages.cs": "[ApiController]\nclass Pages : ControllerBase {}\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("name", "kind"), [("carts-relayer", "worker"), ("carts", "web")])
def test_some_programs_of_go_keep_to_themselves_whatever_they_listen_on(
    name: str, kind: str
) -> None:
    """What they answer is for who looks after them."""
    main = (
        'package main\n\nimport (\n\t"net/http"\n\t"github.com/gorilla/mux"\n)\n\nfunc main() {\n'
        '\trouter.HandleFunc("/resubmit", resubmit)\n\thttp.ListenAndServe(addr, router)\n}\n'
    )
    files = {"go.mod": f"module example.org/{name}\n\ngo 1.24\n", "main.go": main}
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("route", "kind"), [("/healthcheck", "worker"), ("/carts", "web")])
def test_tornado_takes_routes_in_pairs(route: str, kind: str) -> None:
    """Beside a queue's client they tell who asks."""
    source = (
        "import pika\nimport tornado.web\ndef make_app():\n"
        f'    return tornado.web.Application([(r"{route}", Handler)])\n'
    )
    files = {"requirements.txt": "pika\ntornado\n", "app/main.py": source}
    assert answers(files)["kind"] == kind


def test_what_consumers_are_made_with_is_no_aside() -> None:
    """Its script starts the consumer, and is installed like any."""
    setup = "setup(name='shop', entry_points={'console_scripts': ['shop=shop:main']})\n"
    readme = "# shop\n\n    pip install shop\n"
    for package, kind in (("faststream", "worker"), ("requests", "cli")):
        files = {"requirements.txt": f"{package}\n", "setup.py": setup, "README.md": readme}
        assert answers({**files, "shop.py": f"import {package}\n"})["kind"] == kind


def test_a_flow_of_spring_integration_waits_for_what_comes() -> None:
    """Nobody asks it anything but whether it is well."""
    shop = "@SpringBootApplication\nclass Shop {{ {} flow() {{ return a; }} }}\n"
    for kind, returned in (("worker", "IntegrationFlow"), ("web", "Carts")):
        files = {"pom.xml": SPRING, "src/main/java/Shop.java": shop.format(returned)}
        assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("more", "kind"),
    [({}, "library"), ({"private": True, "scripts": {"start": "node index.js"}}, "worker")],
)
def test_a_library_of_node_may_be_called_after_work(more: dict[str, JsonValue], kind: str) -> None:
    """It does it for who imports it."""
    content = {"name": "carts-processor", "main": "index.js", "exports": "./index.js"}
    files = {"package.json": json.dumps({"scripts": {"test": "t"}, **content, **more})}
    assert answers({**files, "index.js": "run();\n"})["kind"] == kind


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("horizon", "web"),
        ("sidekiq-web", "web"),
        ("sidekiq", "worker"),
        ("php artisan horizon", "worker"),
    ],
)
def test_a_program_may_be_called_as_one_that_works_elsewhere(command: str, kind: str) -> None:
    """A whole command tells, not a word of it."""
    main = (
        'package main\n\nimport "net/http"\n\nfunc main() {\n'
        '\thttp.HandleFunc("/carts", carts)\n\thttp.ListenAndServe(addr, nil)\n}\n'
    )
    words = ", ".join(f'"{word}"' for word in command.split())
    files = {"go.mod": GO_MODULE, "main.go": main}
    files["Dockerfile"] = f"FROM golang\nEXPOSE 8000\nENTRYPOINT [{words}]\n"
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("path", "kind"), [("provider/kubernetes/watch.go", "web"), ("watch/watch.go", "worker")]
)
def test_a_cluster_that_is_one_place_of_several_makes_no_controller(path: str, kind: str) -> None:
    """A server may read its rules there."""
    files = {
        "go.mod": GO_MODULE,
        "main.go": 'package main\n\nimport "net/http"\n\nfunc main() {\n'
        '\thttp.HandleFunc("/carts", carts)\n\thttp.ListenAndServe(addr, nil)\n}\n',
        path: 'package watch\n\nimport (\n\t"k8s.io/client-go/tools/cache"\n)\n',
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("name", "kind"), [("Carts", "web"), ("Health", "worker")])
def test_a_servlet_is_told_by_its_name(name: str, kind: str) -> None:
    """Where it answers may be told far away."""
    files = {
        "build.gradle": "plugins { id 'org.springframework.boot' version '3.5.0' }\n"
        "dependencies {\n"
        "    implementation 'org.springframework.boot:spring-boot-starter-web'\n}\n",
        "src/main/java/App.java": "class App { void main() { new KafkaConsumer<>(p); } }\n",
        "src/main/java/S.java": f"class {name}Servlet extends HttpServlet {{}}\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("carts-crawler", "worker"), ("carts-reconciler", "worker"), ("carts", "cli")],
)
def test_a_program_that_does_not_listen_is_told_by_its_name(name: str, kind: str) -> None:
    """It waits for nobody to call it."""
    files = {
        "go.mod": f"module example.org/{name}\n\ngo 1.24\n",
        "main.go": "package main\n\nfunc main() { run() }\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(
    ("route", "kind"), [("@Get()\n  hello() {}\n", "worker"), ("@Get('carts')\n", "web")]
)
def test_a_schedule_of_nest_with_a_front_page_is_no_server(route: str, kind: str) -> None:
    """The page is the one that a new project begins with."""
    packages = {"@nestjs/core": "11", "@nestjs/schedule": "6"}
    files = {
        "package.json": json.dumps(
            {
                "name": "carts-scheduler",
                "scripts": {"start": "nest start"},
                "dependencies": packages,
            }
        ),
        "src/main.ts": "NestFactory.create(AppModule);\n",
        "src/app.controller.ts": "import { Controller, Get } from '@nestjs/common';\n"
        f"@Controller()\nexport class A {{\n  {route}}}\n",
    }
    assert answers(files)["kind"] == kind


@pytest.mark.parametrize(("name", "kind"), [("healthPath", "worker"), ("cartsPath", "web")])
def test_a_route_of_go_may_be_put_together(name: str, kind: str) -> None:
    """What follows the first slash tells what it is for."""
    files = {
        "go.mod": GO_MODULE,
        "main.go": 'package main\n\nimport (\n\t"net/http"\n\t"github.com/gorilla/mux"\n)\n\n'
        f'func main() {{\n\trouter.HandleFunc("/"+{name}, answer)\n'
        "\thttp.ListenAndServe(addr, router)\n}\n",
    }
    assert answers(files)["kind"] == kind
