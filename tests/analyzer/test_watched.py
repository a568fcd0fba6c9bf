"""What listens only for those who watch it is no server, whatever framework it listens with."""

import json
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from analyzer import SourceTree, analyze
from analyzer.witnesses.clusters.helm import helm_facts
from analyzer.witnesses.clusters.kubernetes import kubernetes_facts
from analyzer.witnesses.containers.compose import compose_facts
from analyzer.witnesses.platforms.procfile import procfile_facts
from analyzer.witnesses.words.readme import readme_facts
from tests.analyzer.witnessed import facts_of, sure_of, values_of

GO_MODULE = "module github.com/acme/{name}\n\ngo 1.24\n"
SPRING = (
    "<project><artifactId>shop</artifactId><build><plugins><plugin>"
    "<artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>"
    "<dependencies><dependency><groupId>org.springframework.boot</groupId>"
    "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>\n"
)
DOTNET = (
    '<Project Sdk="Microsoft.NET.Sdk{sdk}"><PropertyGroup>{said}</PropertyGroup>{more}</Project>'
)
CHART = {"chart/Chart.yaml": "name: shop\n"}
WORKLOAD = (
    "kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: shop\n"
    "        ports:\n        - name: {name}\n          containerPort: 9090\n"
)


def kind_of(files: Mapping[str, str]) -> JsonValue:
    """Return the kind that is said of a tree."""
    said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    return next(answer.value for answer in said.answers if answer.field == "kind")


def go_program(*lines: str, name: str = "shop", imports: str = "") -> dict[str, str]:
    """Return a Go program that does the lines."""
    body = "\n".join(f"\t{line}" for line in lines)
    main = f'package main\n\nimport (\n\t"net/http"\n{imports})\n\nfunc main() {{\n{body}\n}}\n'
    return {"go.mod": GO_MODULE.format(name=name), "main.go": main}


MEASURES = 'http.Handle("/metrics", promhttp.Handler())'
LISTENS = "http.ListenAndServe(addr, nil)"


def test_a_go_program_that_only_lets_itself_be_watched_works() -> None:
    """Measures and probes, with a page that links to them, are not what it is there for."""
    probes = 'http.HandleFunc("/healthz", healthy)'
    front = 'http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {})'
    assert kind_of(go_program(MEASURES, probes, front, LISTENS)) == "worker"
    assert kind_of(go_program(MEASURES, 'http.Handle("/carts", carts)', LISTENS)) == "web"
    assert kind_of(go_program('http.HandleFunc("/", shop)', probes, LISTENS)) == "web"


def test_handlers_that_are_generated_answer_more_than_probes() -> None:
    """They are registered all at once, and written in a file that nobody reads."""
    probes = 'http.HandleFunc("/healthz", healthy)'
    assert kind_of(go_program(probes, LISTENS)) == "worker"
    assert kind_of(go_program(probes, "api.RegisterHandlers(router, server)", LISTENS)) == "web"


def test_what_an_exporter_measures_is_what_it_serves() -> None:
    """An exporter is asked for its measures and nothing else."""
    assert kind_of(go_program(MEASURES, LISTENS, name="shop_exporter")) == "web"


def test_a_path_of_gorillas_comes_before_its_handler() -> None:
    """The handler is no path, and a path may have a name."""
    serves = go_program('r.Path("/health").HandlerFunc(hc.Handler)', LISTENS)
    assert kind_of(serves) == "worker"
    named = go_program('r.Path("/health").HandlerFunc(ok)', "r.Path(s.path).Handler(x)", LISTENS)
    assert kind_of(named) == "web"


def test_what_is_called_over_grpc_serves_unless_it_keeps_its_own_hours() -> None:
    """A service of gRPC lets itself be watched over HTTP as well."""
    calls = "s := grpc.NewServer()"
    assert kind_of(go_program(calls, MEASURES, LISTENS)) == "web"
    hours = '\t"github.com/robfig/cron/v3"\n'
    assert kind_of(go_program(calls, MEASURES, LISTENS, imports=hours)) == "worker"


def test_an_exporter_may_watch_a_cluster_and_show_a_screen() -> None:
    """Its measures stay what it serves, whatever it reads or draws beside."""
    image = {"Dockerfile": "FROM scratch\nEXPOSE 9198\n"}
    readme = {"README.md": "# Shop\n\n    docker run -p 9198:9198 acme/shop-exporter\n"}
    watches = '\t"k8s.io/client-go/tools/cache"\n'
    exporter = go_program(MEASURES, LISTENS, name="shop-exporter", imports=watches)
    assert kind_of({**exporter, **image, **readme}) == "web"
    draws = '\t"github.com/charmbracelet/bubbletea"\n'
    assert (
        kind_of({**go_program(MEASURES, LISTENS, name="shop-exporter", imports=draws), **image})
        == "web"
    )
    assert kind_of(go_program("draw()", imports=draws)) == "cli"


def test_what_serves_in_a_helper_of_tests_is_no_server() -> None:
    """It stands in for what the program calls."""
    helper = 'package carts\n\nimport (\n\t"net/http"\n\t"testing"\n)\n\nvar s = http.Server{}\n'
    helper += f"func serve() {{ {LISTENS} }}\n"
    assert kind_of({**go_program("sell()"), "carts/tester.go": helper}) == "cli"


def test_a_controller_may_route_its_probes() -> None:
    """A router for measures makes no server of what watches a cluster."""
    imports = '\t"github.com/gorilla/mux"\n\t"k8s.io/client-go/tools/cache"\n'
    routes = 'r.Handle("/healthz", healthy)'
    assert kind_of(go_program(routes, LISTENS, imports=imports)) == "worker"
    pages = 'r.Handle("/pods", pods)'
    assert kind_of(go_program(routes, pages, LISTENS, imports=imports)) == "web"
    profiles = 'package profiling\n\nimport (\n\t"github.com/gin-gonic/gin"\n)\n'
    watches = go_program(LISTENS, imports='\t"k8s.io/client-go/tools/cache"\n')
    assert kind_of({**watches, "profiling/pages.go": profiles}) == "worker"
    assert kind_of({**watches, "pages/pages.go": profiles}) == "web"


def rust_program(source: str, name: str = "shop", needed: str = "kube") -> dict[str, str]:
    """Return a Rust program that runs with axum."""
    cargo = f'[package]\nname = "{name}"\n\n[dependencies]\naxum = "0.8"\n{needed} = "1"\n'
    return {"Cargo.toml": cargo, "src/main.rs": f"fn main() {{\n{source}\n}}\n"}


def test_a_rust_program_that_reconciles_or_is_only_watched_works() -> None:
    """Its framework is there for those who watch it."""
    served = 'app.route("/carts", get(carts)); axum::serve(listener, app);'
    watched = 'app.route("/metrics", get(metrics)); axum::serve(listener, app);'
    assert kind_of(rust_program(served)) == "web"
    assert kind_of(rust_program(watched)) == "worker"
    assert kind_of(rust_program(watched, needed="sqlx")) == "web"
    assert kind_of(rust_program(watched, "shop-worker", "sqlx")) == "worker"
    formatted = 'app.service(web::resource(&format!("{}/carts", prefix))); '
    assert kind_of(rust_program(formatted + watched)) == "web"
    reconciles = "use kube::runtime::Controller; Controller::new(carts, Config::default());"
    assert kind_of(rust_program(reconciles + served)) == "worker"


def spring(source: str) -> dict[str, str]:
    """Return a program of Spring Boot with one class."""
    return {"pom.xml": SPRING, "src/main/java/Shop.java": f"class Shop {{\n{source}\n}}\n"}


@pytest.mark.parametrize(
    "source", ['@KafkaListener(topics = "carts")', "@Scheduled(fixedRate = 5)", "@Incoming(IN)"]
)
def test_a_listener_without_a_way_in_works_whatever_its_framework(source: str) -> None:
    """A starter for the web brings the probes of a consumer."""
    assert kind_of(spring(f"{source}\nvoid on() {{}}")) == "worker"
    assert kind_of(spring(f'{source}\nvoid on() {{}}\n@GetMapping("/carts")')) == "web"
    assert kind_of(spring(f'{source}\nvoid on() {{}}\n@GetMapping("/health")')) == "worker"


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("@RequestMapping(value = Paths.CARTS, method = POST)", "web"),
        ("@PostMapping({Paths.CARTS, Paths.CART})", "web"),
        ("@PostMapping(\n    value = Paths.CARTS,\n    consumes = JSON)", "web"),
        ("@PostMapping", "web"),
        ("@GetMapping(Paths.HEALTH)", "worker"),
        ("@RequestMapping(method = GET)", "worker"),
        ("class Carts implements Closeable, CartsApi {}", "web"),
        ("class Carts implements CartsApiDelegate {}", "web"),
        ("class Carts extends CartsApi {}", "worker"),
    ],
)
def test_a_way_in_may_be_named_elsewhere(entry: str, kind: str) -> None:
    """By a constant, or by the interface that a generator makes of an OpenAPI document."""
    assert kind_of(spring(f"@KafkaListener\nvoid on() {{}}\n{entry}")) == kind


@pytest.mark.parametrize(
    "source",
    [
        "return new SimpleMessageListenerContainer(connections);",
        "return ConcurrentMessageListenerContainer(consumers, properties);",
        "channel.basicConsume(QUEUE, true, deliver, cancel);",
        '@JMSListener("carts") void on() {}',
        'from("kafka:carts?brokers=b:9092").bean(Shop.class);',
        "@Bean\npublic Consumer<Cart> carts() { return null; }",
    ],
)
def test_a_container_of_listeners_waits_like_an_annotated_one(source: str) -> None:
    """Queues are listened to in more ways than by an annotation; a route still serves."""
    assert kind_of(spring(source)) == "worker"
    assert kind_of(spring(f'{source}\n@GetMapping("/carts") void carts() {{}}')) == "web"


@pytest.mark.parametrize(
    "source",
    [
        "return new RedisMessageListenerContainer();",
        "Consumer<Cart> carts = cart -> {};",
        'dsl.selectFrom("a").from("kafka_carts");',
    ],
)
def test_what_only_looks_like_a_listener_serves(source: str) -> None:
    """Who serves listens to Redis for its other copies, and a consumer may be any function."""
    assert kind_of(spring(source)) == "web"


def test_what_reads_a_stream_and_cannot_be_called_works() -> None:
    """No annotation tells so where the client is called by hand."""
    streamed = SPRING.replace(
        "starter-web",
        "starter-web</artifactId></dependency><dependency><artifactId>pulsar-client",
    )
    source = "void run() { client.newProducer(); }"
    assert kind_of(spring(source) | {"pom.xml": streamed}) == "worker"
    assert kind_of(spring(source)) == "web"
    called = spring(f'{source}\n@GetMapping("/carts") void carts() {{}}')
    assert kind_of(called | {"pom.xml": streamed}) == "web"


def test_a_server_that_a_dependency_makes_whole_is_no_worker() -> None:
    """A gateway has no routes in its code, and may have timers."""
    timed = spring("@Scheduled(fixedRate = 5)\nvoid on() {}")
    gateway = SPRING.replace(
        "starter-web",
        "starter-web</artifactId></dependency><dependency><artifactId>spring-cloud-starter-gateway",
    )
    assert kind_of(timed) == "worker"
    assert kind_of(timed | {"pom.xml": gateway}) == "web"


def test_repositories_are_a_way_in_where_they_are_put_in_the_web() -> None:
    """Spring Data REST makes routes of repositories, other programs only keep data in them."""
    carts = "@KafkaListener void on() {}\ninterface Carts extends CrudRepository<Cart, Long> {}"
    served = SPRING.replace("starter-web", "starter-data-rest")
    assert kind_of(spring(carts)) == "worker"
    assert kind_of(spring(carts) | {"pom.xml": served}) == "web"


def test_an_operator_of_java_is_asked_by_the_cluster() -> None:
    """What reconciles and is called an operator answers the cluster's own questions."""
    source = 'class Carts implements Reconciler<Cart> {}\n@Path("/apis")'
    assert kind_of(spring(source)) == "web"
    named = spring(source) | {"pom.xml": SPRING.replace(">shop<", ">shop-operator<")}
    assert kind_of(named) == "worker"


def test_a_bot_of_java_may_show_a_page() -> None:
    """The connection that a chat bot holds is what it is for."""
    build = (
        "plugins { id 'application' }\napplication { mainClass = 'Bot' }\ndependencies {\n"
        "  implementation 'net.dv8tion:JDA:5.0'\n  implementation 'io.javalin:javalin:6.0'\n}\n"
    )
    assert kind_of({"build.gradle": build, "src/main/java/Bot.java": "class Bot {}\n"}) == "worker"


def test_a_bundle_of_a_catalog_elsewhere_is_known_by_its_name() -> None:
    """A catalog that is published gives names that say what they stand for."""
    build = (
        'plugins {\n  application\n}\napplication { mainClass.set("AppKt") }\ndependencies {\n'
        "  implementation(libs.%s)\n}\n"
    )
    source = {"src/main/kotlin/App.kt": "fun main() {}\n"}
    assert kind_of({"build.gradle.kts": build % "bundles.ktor.server", **source}) == "web"
    assert kind_of({"build.gradle.kts": build % "rapids.and.rivers", **source}) == "worker"


def dotnet(source: str, sdk: str = ".Web", more: str = "") -> dict[str, str]:
    """Return a .NET program of one class."""
    said = "" if sdk else "<OutputType>Exe</OutputType>"
    project = DOTNET.format(sdk=sdk, said=said, more=more)
    return {"Shop.csproj": project, "Shop.cs": source}


def test_a_background_service_works_where_nothing_is_mapped() -> None:
    """The SDK of the web brings a worker its probes."""
    works = "class Loop : BackgroundService {}\n"
    assert kind_of(dotnet(works + 'app.MapHealthChecks("/healthz");')) == "worker"
    assert kind_of(dotnet(works + "app.MapShopHealthChecks();")) == "worker"
    assert kind_of(dotnet(works + 'app.MapGet("/carts", Carts);')) == "web"
    assert kind_of(dotnet(works + "app.MapControllers();")) == "web"
    # A library may map what others call.
    assert kind_of(dotnet(f"{works}app.UseShop();")) == "web"


def test_a_processor_of_queues_works_whatever_arguments_it_reads() -> None:
    """Its commands choose what is done with the queue."""
    packages = (
        '<ItemGroup><PackageReference Include="Acme.QueueProcessor" />'
        '<PackageReference Include="System.CommandLine" /></ItemGroup>'
    )
    assert kind_of(dotnet("class Shop {}", "", packages)) == "worker"
    tool = packages.replace("Acme.QueueProcessor", "Acme.Shop")
    assert kind_of(dotnet("class Shop {}", "", tool)) == "cli"


def test_a_tool_beside_the_packages_that_it_is_called_after_is_an_aside() -> None:
    """Several libraries are what the repository makes."""
    packed = DOTNET.format(sdk="", said="<IsPackable>true</IsPackable>", more="")
    said = "<OutputType>Exe</OutputType><PackAsTool>true</PackAsTool>"
    tool = DOTNET.format(sdk="", said=said, more="")
    libraries = {f"src/{name}/{name}.csproj": packed for name in ("Shop", "Shop.Core")}
    assert kind_of({"src/Shop.Cli/Shop.Cli.csproj": tool, **libraries}) == "library"
    assert kind_of({"src/Shop.Cli/Shop.Cli.csproj": tool}) == "cli"


def test_an_application_of_elixir_that_serves_nothing_works() -> None:
    """What is started goes on running; of an umbrella any of its applications is."""
    mix = "defmodule Shop.MixProject do\n  def application, do: [%s]\nend\n"
    started = mix % "mod: {Shop, []}"
    assert kind_of({"mix.exs": started}) == "worker"
    assert kind_of({"mix.exs": mix % ""}) == "library"
    assert kind_of({"mix.exs": mix % "", "apps/shop/mix.exs": started}) == "worker"


def node(dependencies: Mapping[str, str], source: str, name: str = "shop") -> dict[str, str]:
    """Return a Node program of one file."""
    content = {
        "name": name,
        "private": True,
        "scripts": {"start": "node index.js"},
        "dependencies": dict(dependencies),
    }
    return {"package.json": json.dumps(content, indent=1), "index.js": source}


def test_a_consumer_of_node_that_only_lets_itself_be_watched_works() -> None:
    """A small framework serves its measures."""
    packages = {"kafkajs": "2", "express": "5"}
    assert kind_of(node(packages, "app.get('/metrics', measures)\n")) == "worker"
    assert kind_of(node(packages, "app.get('/carts', carts)\n")) == "web"
    nest = {"@nestjs/core": "11", "@nestjs/schedule": "6"}
    assert kind_of(node(nest, "@Controller('health')\n")) == "worker"
    assert kind_of(node(nest, "@Controller('carts')\n")) == "web"
    assert kind_of(node(nest, "run()\n")) == "worker"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("shop-notify-listener", "worker"), ("shop-notify", "web"), ("shop-queue-service", "web")],
)
def test_what_is_called_after_waiting_waits_whatever_serves_beside(name: str, kind: str) -> None:
    """It has a queue's client as well; a name alone, or a client alone, is none."""
    serves = "hapi.server({ port: 3000 });\nhttp.createServer(app);\n"
    assert kind_of(node({"@hapi/hapi": "21", "sqs-consumer": "11"}, serves, name)) == kind
    assert kind_of(node({"@hapi/hapi": "21"}, f"import '@hapi/hapi'\n{serves}", name)) == "web"


@pytest.mark.parametrize(
    ("routes", "kind"),
    [
        ("[{ method: GET, path: '/healthy' }]", "worker"),
        ("[{ method: GET, path: '/healthy' }, { method: GET, path: '/carts' }]", "web"),
        ("[{ method: GET, path: '/healthy' }, { method: GET, path: CARTS }]", "web"),
    ],
)
def test_a_consumer_with_hapi_answers_its_probes_alone(routes: str, kind: str) -> None:
    """A path that is no literal may be any; a port that is published outweighs none of it."""
    source = f"const routes = {routes};\nconst server = createServer(routes);\n"
    packages = {"@hapi/hapi": "21", "@azure/service-bus": "7"}
    compose = "services:\n  shop:\n    build: .\n    ports: ['3015:3015']\n"
    files = {**node(packages, f"require('@hapi/hapi');\n{source}"), "compose.yaml": compose}
    assert kind_of(files) == kind


def test_an_opened_port_makes_no_server_of_a_bridge() -> None:
    """Where nothing serves, the image opens a port for those who watch."""
    image = {"Dockerfile": 'FROM node:22\nEXPOSE 8080\nCMD ["node", "index.js"]\n'}
    assert kind_of(node({"mqtt": "5"}, "run()\n", "shop2mqtt") | image) == "worker"


def test_a_python_module_of_probes_is_no_server() -> None:
    """A server in a module that is called after probes is there for those who watch."""
    serves = 'from http.server import HTTPServer\nHTTPServer(("", 8080), Handler)\n'
    watches = "from kubernetes import watch\nfor event in watch.Watch().stream(carts):\n    pass\n"
    files = {"requirements.txt": "kubernetes\n", "main.py": watches}
    assert kind_of({**files, "healthz.py": serves}) == "worker"
    assert kind_of({"requirements.txt": "kubernetes\n", "shop.py": serves}) == "web"


@pytest.mark.parametrize(
    ("imported", "kind"),
    [
        ("from twisted.web import resource, server", "web"),
        ("from twisted.web.server import NOT_DONE_YET, Site", "web"),
        ("from twisted.web.client import Agent", None),
    ],
)
def test_twisted_serves_what_makes_a_site(imported: str, kind: str | None) -> None:
    """Its clients lie beside its server."""
    assert kind_of({"requirements.txt": "twisted\n", "shop.py": f"{imported}\n"}) == kind


def test_a_port_for_measures_is_not_the_services() -> None:
    """Nobody is sent to a port that is called after measures."""
    template = {"chart/templates/deployment.yaml": WORKLOAD.format(name="metrics")}
    facts = facts_of(helm_facts, {**CHART, **template})
    assert sure_of(facts, "kind") == [("worker", "medium")]
    assert values_of(facts, "port") == []
    served = {"chart/templates/service.yaml": "kind: Service\nspec:\n  ports: []\n"}
    assert values_of(facts_of(helm_facts, {**CHART, **template, **served}), "kind") == []
    web = {"chart/templates/deployment.yaml": WORKLOAD.format(name="http")}
    assert values_of(facts_of(helm_facts, {**CHART, **web}), "port") == ["9090"]
    pod = "kind: Deployment\nmetadata:\n  name: shop\n" + WORKLOAD.format(name="metrics")
    pod = pod.replace("- name: shop\n", "- name: shop\n        image: acme/shop:1\n")
    facts = facts_of(
        kubernetes_facts, {"k8s/deployment.yaml": pod.replace("kind: Deployment\n", "", 1)}
    )
    assert values_of(facts, "port") == []


@pytest.mark.parametrize(
    ("switch", "caches"),
    [
        ("REDIS_ENABLED: 'true'", ["redis"]),
        ("USE_REDIS: true", ["redis"]),
        ("USE_MEMCACHED: true", ["memcached"]),
        ("MEMCACHED_ENABLED: 'false'", []),
        ("REDIS_HOST: '{{ .Release.Name }}-redis'", ["redis"]),
        ("SHOP_MEMCACHED_SERVERS: cache:11211", ["memcached"]),
        ("REDIS_HOST: ''", []),
    ],
)
def test_a_cache_that_the_values_switch_on_is_needed(switch: str, caches: list[str]) -> None:
    """What the code can do without is there where the service is run."""
    values = {"chart/values.yaml": f"env:\n  {switch}\n"}
    assert values_of(facts_of(helm_facts, {**CHART, **values}), "cache") == caches


def test_a_broker_is_no_service_of_the_authors() -> None:
    """What carries messages stands beside."""
    text = "services:\n  broker:\n    image: eclipse-mosquitto:2\n    ports: ['1883:1883']\n"
    assert values_of(facts_of(compose_facts, {"compose.yaml": text}), "kind") == []


def test_a_store_of_the_authors_making_is_known_by_its_service() -> None:
    """An image of their own says nothing, the service that it is run as does."""
    text = (
        "services:\n  shop:\n    build: .\n    depends_on: [shop_redis]\n"
        "  shop_redis:\n    image: acme/cache\n"
    )
    files = {"compose.yaml": text, "Dockerfile": "FROM node:22\n"}
    assert values_of(facts_of(compose_facts, files), "cache") == ["redis"]


def test_a_process_that_runs_what_a_package_leaves_out_shows_it_off() -> None:
    """Of a published package only its files are what others get."""
    content = {"name": "shop", "main": "lib/index.js", "files": ["lib"]}
    files = {"package.json": json.dumps(content, indent=1), "Procfile": "web: node trial\n"}
    assert sure_of(facts_of(procfile_facts, files), "kind") == [("web", "low")]
    files["Procfile"] = "web: node lib/index.js\n"
    assert sure_of(facts_of(procfile_facts, files), "kind") == [("web", "high")]


def described(readme: str, **more: str) -> list[tuple[object, str]]:
    """Return the kinds that a README speaks for."""
    return sure_of(facts_of(readme_facts, {"README.md": readme, **more}), "kind")


def test_a_bridge_carries_messages() -> None:
    """What holds a connection to two places works."""
    assert described("# Shop\n\nShop to MQTT bridge using radio.\n") == [("worker", "high")]
    assert described("# Shop to MQTT Gateway\n\nIt sells.\n") == [("worker", "high")]
    assert described("# Shop\n\n**A simple chat bridge**<br />\nLetting people be.\n") == [
        ("worker", "high")
    ]
    assert described("# Shop\n\nShop is a bridge between carts and tills.\n") == [
        ("worker", "medium")
    ]
    assert described("An open source client running as a UNIX daemon.\n") == [("worker", "low")]


@pytest.mark.parametrize(
    ("imports", "kind"),
    [
        (("k8s.io/client-go/tools/cache", "net/http"), "worker"),
        (
            (
                "k8s.io/client-go/tools/cache",
                "net/http",
                "github.com/grpc-ecosystem/grpc-gateway/v2/runtime",
            ),
            "web",
        ),
    ],
)
def test_what_answers_as_a_document_declares_is_no_controller(
    imports: tuple[str, ...], kind: str
) -> None:
    """Whatever else it looks at."""
    block = "".join(f'\t"{path}"\n' for path in imports)
    main = "func main() {\n\thttp.ListenAndServe(a, b)\n}\n"
    source = f"package main\n\nimport (\n{block})\n\n{main}"
    assert kind_of({"go.mod": "module a.org/shop\n\ngo 1.24\n", "main.go": source}) == kind


def test_a_library_that_comes_with_a_program_is_a_tool() -> None:
    """Who gets the binary need not write one."""
    text = "This crate provides a library for carts as well as a binary.\n"
    assert described(f"# Shop\n\nShop is a library for carts as well as a binary.\n\n{text}") == [
        ("cli", "medium")
    ]


def test_a_program_in_the_root_of_a_module_is_built_with_go_get() -> None:
    """Nobody can import what lies there."""
    got = "# Shop\n\n```\ngo get github.com/acme/shop\n```\n"
    module = {"go.mod": GO_MODULE.format(name="shop")}
    assert described(got, **module) == [("library", "medium")]
    assert described(got, **module, **{"main.go": "package main\n"}) == [("cli", "low")]


def test_a_gem_without_executables_is_no_tool() -> None:
    """What generates a gem writes an empty list."""
    gem = "Gem::Specification.new do |s|\n  s.name = 'shop'\n  s.executables = [%s]\nend\n"
    assert kind_of({"shop.gemspec": gem % "", "lib/shop.rb": "module Shop\nend\n"}) == "library"
    assert kind_of({"shop.gemspec": gem % "'shop'", "lib/shop.rb": "module Shop\nend\n"}) == "cli"


def test_a_title_is_a_name_where_a_sentence_says_more() -> None:
    """A library for bots is called after them."""
    assert described("# Kotlin Telegram Bot\n\nA wrapper for the API of Telegram.\n") == [
        ("library", "medium")
    ]
    assert described("# Telegram Bot\n\nHere it is.\n") == [("worker", "high")]
    assert described("# Shop Daemon\n\nHere it is.\n") == [("worker", "low")]


def test_a_name_tells_a_worker_unless_the_description_said_it() -> None:
    """One name is one witness."""
    project = {"pyproject.toml": '[project]\nname = "shop-consumer"\n'}
    assert described("# Shop\n\nIt sells.\n", **project) == [("worker", "medium")]
    assert described("# Shop Consumer\n\nIt sells.\n", **project) == [("worker", "medium")]
    plain = {"pyproject.toml": '[project]\nname = "shop"\n'}
    assert described("# Shop\n\nIt sells.\n", **plain) == []


def test_a_port_of_a_further_example_is_not_needed() -> None:
    """The first container that goes on running publishes nothing."""
    project = {"pyproject.toml": '[project]\nname = "shop"\n'}
    runs = "docker run -d acme/shop\n\ndocker run -d -p 1:1 acme/shop\n"
    assert described(f"# Shop\n\nIt sells.\n\n```\n{runs}```\n", **project) == [
        ("worker", "medium")
    ]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("uvicorn main:app", "web"),
        ("python main.py", "worker"),
        ("celery -A main worker", "worker"),
    ],
)
def test_what_an_image_serves_is_no_bot(command: str, kind: str) -> None:
    """A bot may be asked over HTTP; then its image starts what serves."""
    files = {
        "README.md": "# Shop\n\nShop is a Slack bot.\n",
        "requirements.txt": "fastapi\nslack-bolt\n",
        "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "Dockerfile": f"FROM python:3.12\nCMD {command}\n",
    }
    assert kind_of(files) == kind


def test_stores_of_the_tests_alone_are_none() -> None:
    """Where the dependencies were read and none knows of them, only tests or developers do."""
    images = "{db: {image: 'postgres:16'}, cache: {image: 'redis:7'}}\n"
    tests = {".github/workflows/ci.yaml": f"jobs:\n  test:\n    services: {images}"}
    developing = {".devcontainer/docker-compose.yml": f"services: {images}"}
    run = {"compose.yaml": f"services: {images}"}
    for beside, found in (
        (tests, ["none", None, "none"]),
        (developing, ["none", None, "none"]),
        (run, ["postgres", "16", "redis"]),
    ):
        files = {**go_program(LISTENS), **beside}
        said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
        fields = ("database", "database_version", "cache")
        answers = {answer.field: answer.value for answer in said.answers}
        assert [answers[field] for field in fields] == found


def test_developers_tell_the_version_of_a_database_that_is_known() -> None:
    """Its driver is required; which version there is stands where they work."""
    compose = "services:\n  db: {image: 'postgres:16'}\n"
    files = {"package.json": '{"dependencies": {"express": "5", "pg": "8"}}'}
    tree = SourceTree.of_files(files | {".devcontainer/docker-compose.yml": compose})
    version = analyze(tree, None, service="shop", commit="0" * 40).answer("database_version")
    assert version is not None
    assert version.value == "16"


@pytest.mark.parametrize(
    ("files", "path"),
    [
        (spring('@GetMapping("/isReady")'), "/isReady"),
        (spring('static final String CHECK = "healthcheck";\n@Path(CHECK)'), "/healthcheck"),
        (
            {
                "composer.json": '{"require": {"symfony/framework-bundle": "7"}}',
                "src/Controller/Check.php": "<?php\n#[Route(path: '/_lb', name: 'health_check')]\n",
            },
            "/_lb",
        ),
        (
            {
                "requirements.txt": "flask\n",
                "app.py": 'import flask\napp = flask.Flask("shop")\n\n@app.route("/_status")\n',
            },
            "/_status",
        ),
        (rust_program('Routes {\n    health: "/api/v1/health",\n}'), "/api/v1/health"),
    ],
)
def test_a_path_may_be_given_in_other_words(files: Mapping[str, str], path: str) -> None:
    """A constant, a route's own name or a field says what the path is for."""
    said = analyze(SourceTree.of_files(files), None, service="shop", commit="0" * 40)
    assert next(a.value for a in said.answers if a.field == "health_path") == path
