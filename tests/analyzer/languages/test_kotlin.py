"""What the analyzer says of Kotlin services."""

from collections.abc import Mapping

import pytest

from analyzer import SourceTree, analyze
from delightful.recommendation import Answer

MAIN = "src/main/kotlin/shop/Main.kt"


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, Answer]:
    """Return what is said of a service, by field."""
    tree = SourceTree.of_files(files, folder)
    found = analyze(tree, None, service="shop", commit="0" * 40)
    return {answer.field: answer for answer in found.answers}


def variables(said: Mapping[str, Answer]) -> set[str]:
    """Return the names of the environment variables that were found."""
    value = said["environment_variables"].value
    return {str(name) for name in value} if isinstance(value, list) else set()


def script(*dependencies: str, plugins: str = 'kotlin("jvm")\n    application') -> str:
    """Return a Gradle script that runs with these dependencies."""
    lines = "".join(f'    implementation("{name}")\n' for name in dependencies)
    head = f"plugins {{\n    {plugins}\n}}\ndependencies {{\n{lines}}}\n"
    return f"{head}kotlin {{ jvmToolchain(21) }}\n"


def test_sources_make_a_service_kotlin_not_its_build() -> None:
    """A build script in Kotlin does not make Java sources Kotlin."""
    java = {"build.gradle.kts": script(), "src/main/java/a/App.java": "class App {}\n"}
    assert answers(java)["language"].value == "java"
    assert answers({"build.gradle.kts": script(), MAIN: "fun main() {}\n"})["language"].value == (
        "kotlin"
    )


def test_an_image_of_java_runs_kotlin() -> None:
    """A base image with a JRE does not outweigh the sources."""
    files = {
        "build.gradle.kts": script("io.ktor:ktor-server-netty"),
        "Dockerfile": 'FROM eclipse-temurin:21-jre\nCMD ["java", "-jar", "app.jar"]\n',
        MAIN: "fun main() {}\n",
    }
    assert answers(files)["language"].value == "kotlin"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "src/main/resources/application.conf",
            "ktor {\n  deployment {\n    port = 8099\n    port = ${?PORT}\n  }\n}\n",
        ),
        ("src/main/resources/application.yaml", "ktor:\n  deployment:\n    port: ${PORT:8099}\n"),
        ("src/main/resources/application.yaml", 'ktor:\n  deployment:\n    port: "$PORT:8099"\n'),
        ("src/main/kotlin/shop/Server.kt", "embeddedServer(Netty, port = 8099) {}\n"),
        ("src/main/kotlin/shop/Server.kt", "embeddedServer(\n    Netty,\n    port = 8099,\n) {}\n"),
        ("src/main/kotlin/shop/Server.kt", "embeddedServer(Netty, 8099) {}\n"),
        (
            "src/main/kotlin/shop/Server.kt",
            "embeddedServer(Netty, configure = {\n  connector {\n    port = 8099\n  }\n}) {}\n",
        ),
        ("src/main/kotlin/shop/Server.kt", "const val PORT: Int = 8099\n"),
        ("src/main/kotlin/shop/Server.kt", "class Config(val port: Int = 8099)\n"),
        ("src/main/kotlin/shop/Server.kt", 'val a = mapOf("app.httpPort" to "8099")\n'),
        ("src/main/kotlin/shop/Server.kt", 'val a = mapOf("HTTP_PORT" to "8099")\n'),
        ("src/main/kotlin/shop/Server.kt", 'val a by option("--port").int().default(8099)\n'),
        (
            "src/main/kotlin/shop/Server.kt",
            'config.propertyOrNull("ktor.deployment.port")?.getString()?.toInt() ?: 8099\n',
        ),
    ],
)
def test_ktor_says_its_port_in_several_ways(path: str, text: str) -> None:
    """HOCON, YAML and code are all read for the port."""
    files = {"build.gradle.kts": script("io.ktor:ktor-server-netty:3.0"), MAIN: "", path: text}
    said = answers(files)
    assert (said["framework"].value, said["port"].value) == ("ktor", 8099)
    assert said["runtime_version"].value == "21"


def test_ktor_routes_and_variables() -> None:
    """A route for health and the variables that the code reads are found in the source."""
    source = 'routing { get("/health") {} }\nval key = System.getenv()["JWT_SECRET"]\n'
    said = answers({"build.gradle.kts": script("io.ktor:ktor-server-netty"), MAIN: source})
    assert said["health_path"].value == "/health"
    assert said["environment_variables"].value == ["JWT_SECRET"]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (
            'routing {\n    route("/internal") {\n        get("/isalive") {}\n    }\n}\n',
            "/internal/isalive",
        ),
        ('routing {\n    route("/health") {\n        get {}\n    }\n}\n', "/health"),
        (
            'routing {\n    route("/carts") {\n        get {}\n    }\n    get("/health") {}\n}\n',
            "/health",
        ),
        ('path("/api") {\n    get("/health", check)\n}\n', "/api/health"),
        ('"/internal" bind routes(\n    "/health" bind GET to check\n)\n', "/internal/health"),
        ('coRouter {\n    GET("/healthz", check)\n}\n', "/healthz"),
        ('client.GET("/healthz")\n', None),
        ('@Resource("/health")\nclass Health\n', "/health"),
        ('get("/ping") {}\n', "/ping"),
        ('route("/orders") {\n    get("/status") {}\n}\n', None),
        ('filter { !it.request.path().startsWith("/isready") }\n', "/isready"),
        (
            'filter { it.path() != "/metrics" && it.path() != "/isalive" && '
            'it.path() != "/isready" }\n',
            "/isready",
        ),
        ('filter { it.path().startsWith("/isready") }\nget("/health") {}\n', "/health"),
    ],
)
def test_a_route_for_health_lies_under_the_blocks_around_it(source: str, path: str | None) -> None:
    """A block puts its path before the routes in it; what is left out of a log is a hint."""
    files = {
        "build.gradle.kts": script("io.ktor:ktor-server-netty"),
        "src/main/kotlin/App.kt": source,
    }
    assert answers(files)["health_path"].value == path


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('val a = getEnvVar("DB_HOST")\nval b = requireEnv("DB_NAME")\n', ["DB_HOST", "DB_NAME"]),
        ('val a = envOrThrow("DB_HOST")\nval b = convert("DB_NAME")\n', ["DB_HOST"]),
        (
            "import com.natpryce.konfig.EnvironmentVariables\n"
            'val a = mapOf("DB_HOST" to "db")\nval b = config[Key("db.name", stringType)]\n',
            ["DB_HOST", "DB_NAME"],
        ),
        ('val a = mapOf("DB_HOST" to "db")\nval b = Key("db.name", stringType)\n', None),
    ],
)
def test_variables_are_read_by_functions_of_the_programs_own(
    source: str, names: list[str] | None
) -> None:
    """A function called after the environment reads it, and Konfig does by its keys."""
    files = {"build.gradle.kts": script("io.ktor:ktor-server-netty"), MAIN: source}
    assert answers(files)["environment_variables"].value == names


def test_javalin_and_its_database() -> None:
    """HOCON's own address of the database and the port given to `start` are read."""
    files = {
        "build.gradle.kts": script("io.javalin:javalin:6", "org.postgresql:postgresql:42"),
        "src/main/resources/application.conf": (
            'db {\n  url = ${?DB_URL}\n  url = "jdbc:postgresql://localhost/shop"\n}\n'
        ),
        MAIN: "fun main() { Javalin.create { it }.start(7070) }\n",
    }
    said = answers(files)
    assert (said["framework"].value, said["port"].value) == ("javalin", 7070)
    assert said["database"].value == "postgres"
    assert "DB_URL" in variables(said)


def test_a_plugin_of_the_house_brings_spring() -> None:
    """A starter shows Spring Boot though its plugin has another name."""
    files = {
        "build.gradle.kts": script(
            "org.springframework.boot:spring-boot-starter-webflux",
            plugins='id("com.acme.gradle-spring-boot") version "9"',
        ),
        "src/main/resources/application.yml": "management.endpoints.web.base-path: /\n",
        MAIN: "fun main() {}\n",
    }
    said = answers(files)
    assert (said["kind"].value, said["framework"].value) == ("web", "spring-boot")
    assert said["health_path"].value == "/health"


def test_a_multiplatform_library_is_nothing_to_deploy() -> None:
    """A module that nothing starts is a library."""
    files = {"build.gradle.kts": script(plugins='kotlin("multiplatform")'), MAIN: "class A\n"}
    assert answers(files)["kind"].value == "library"


def test_what_sources_import_tells_what_names_of_the_build_hide() -> None:
    """Artifacts may be constants of the build's own code; an address tells the database."""
    files = {
        "build.gradle.kts": (
            'plugins {\n    kotlin("jvm")\n    application\n}\n'
            "dependencies {\n    implementation(Ktor.Server.core)\n}\n"
            'application {\n    mainClass.set("MainKt")\n}\n'
        ),
        MAIN: (
            "import io.ktor.server.routing.routing\n\n"
            'val url = "jdbc:postgresql://$host/$name"\n\nfun main() {}\n'
        ),
    }
    said = answers(files)
    assert (said["framework"].value, said["kind"].value) == ("ktor", "web")
    assert said["database"].value == "postgres"
