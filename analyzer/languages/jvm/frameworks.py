"""Frameworks of the JVM: which one it is, where it listens and answers for its health by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.facts import Fact
from analyzer.languages.jvm.project import Project, is_program
from analyzer.languages.jvm.settings import Setting
from delightful.recommendation import Confidence, Evidence


@dataclass(frozen=True)
class Framework:
    """A framework: what shows it, what shows that it serves, and its port if nothing is set.

    `health` names an extension and the path it answers on. The keys are canonical settings.
    """

    name: str
    artifacts: Sequence[str]
    serving: Sequence[str] = ()
    port: int | None = None
    port_keys: Sequence[str] = ()
    health: Sequence[tuple[str, str]] = ()
    prefix_keys: Sequence[str] = ()


_SPRING_WEB = (
    "spring-boot-starter-web",
    "spring-boot-starter-webmvc",
    "spring-boot-starter-webflux",
    "spring-boot-starter-jersey",
    "spring-boot-starter-undertow",
    "spring-boot-starter-jetty",
    "spring-boot-starter-tomcat",
    "spring-boot-starter-data-rest",
    "spring-boot-starter-graphql",
    "spring-boot-starter-websocket",
    "spring-boot-starter-thymeleaf",
    "spring-boot-starter-web-services",
    "spring-cloud-starter-gateway",
    "spring-cloud-starter-gateway-server-webflux",
    "spring-cloud-starter-gateway-server-webmvc",
    "spring-cloud-starter-netflix-eureka-server",
    "spring-cloud-config-server",
    "spring-boot-admin-starter-server",
    "springdoc-openapi-starter-webmvc-ui",
    "springdoc-openapi-starter-webflux-ui",
    "spring-webmvc",
    "spring-webflux",
    "vaadin-spring-boot-starter",
    "hilla-spring-boot-starter",
)

# The one that sits on top comes first: Micronaut and Quarkus bring Vert.x and Netty.
FRAMEWORKS = (
    Framework(
        "quarkus",
        ("quarkus-maven-plugin", "io.quarkus", "quarkus-arc", "quarkus-rest", "quarkus-core"),
        (
            "quarkus-rest",
            "quarkus-rest-jackson",
            "quarkus-resteasy",
            "quarkus-resteasy-jackson",
            "quarkus-resteasy-reactive",
            "quarkus-resteasy-reactive-jackson",
            "quarkus-vertx-http",
            "quarkus-reactive-routes",
            "quarkus-undertow",
            "quarkus-grpc",
            "quarkus-smallrye-health",
            "quarkus-smallrye-graphql",
            "quarkus-websockets",
        ),
        8080,
        ("quarkus.http.port",),
        (
            ("quarkus-smallrye-health", "/q/health"),
            ("camel-quarkus-microprofile-health", "/q/health"),
        ),
        ("quarkus.http.rootpath",),
    ),
    Framework(
        "micronaut",
        (
            "io.micronaut.application",
            "io.micronaut.minimal.application",
            "micronaut-maven-plugin",
            "micronaut-http-server-netty",
            "micronaut-inject",
        ),
        ("io.micronaut.application", "micronaut-http-server-netty", "micronaut-management"),
        8080,
        ("micronaut.server.port",),
        (("micronaut-management", "/health"),),
        ("micronaut.server.contextpath",),
    ),
    Framework(
        "spring-boot",
        (
            "org.springframework.boot",
            "spring-boot-maven-plugin",
            "spring-boot-starter-parent",
            "spring-boot-gradle-plugin",
            "spring-boot-starter",
            *_SPRING_WEB,
            "spring-boot",
            "spring-boot-autoconfigure",
        ),
        _SPRING_WEB,
        8080,
        ("server.port",),
        (
            ("spring-boot-starter-actuator", "/actuator/health"),
            # These bring the actuator.
            ("spring-cloud-starter-netflix-eureka-server", "/actuator/health"),
            ("spring-cloud-config-server", "/actuator/health"),
        ),
        ("server.servlet.contextpath", "server.contextpath", "spring.webflux.basepath"),
    ),
    Framework(
        "helidon",
        ("helidon-microprofile", "helidon-microprofile-core", "helidon-webserver", "helidon-mp"),
        ("helidon-microprofile", "helidon-microprofile-core", "helidon-webserver", "helidon-mp"),
        8080,
        ("server.port",),
        (
            ("helidon-microprofile-health", "/health"),
            ("helidon-microprofile", "/health"),
            ("helidon-webserver-observe-health", "/observe/health"),
            ("helidon-health", "/health"),
        ),
    ),
    Framework(
        "dropwizard",
        ("dropwizard-core",),
        ("dropwizard-core",),
        8080,
        ("server.applicationconnectors.port", "server.connector.port"),
    ),
    Framework(
        "ktor",
        (
            "io.ktor.plugin",
            "ktor-server-core",
            "ktor-server-core-jvm",
            "ktor-server-netty",
            "ktor-server-netty-jvm",
            "ktor-server-cio",
            "ktor-server-cio-jvm",
            "ktor-server-jetty",
            "ktor-server-tomcat",
            "ktor-server",
        ),
        (
            "ktor-server",
            "ktor-server-core",
            "ktor-server-core-jvm",
            "ktor-server-netty",
            "ktor-server-netty-jvm",
        ),
        None,
        ("ktor.deployment.port",),
    ),
    Framework("http4k", ("http4k-core", "http4k-server-jetty", "http4k-server-undertow")),
    Framework("javalin", ("javalin", "javalin-bundle"), ("javalin", "javalin-bundle")),
    Framework("play", ("org.playframework.play", "play_2.13", "play_3"), (), 9000, ("http.port",)),
    Framework(
        "vertx",
        ("vertx-web", "vertx-core", "domain-models-runtime"),
        ("vertx-web", "domain-models-runtime"),
        None,
        ("http.port",),
        # https://github.com/folio-org/raml-module-builder: what any of its modules answers.
        (("domain-models-runtime", "/admin/health"),),
    ),
    Framework("armeria", ("armeria", "armeria-spring-boot3-starter"), ("armeria",)),
    Framework("sparkjava", ("spark-core",), (), 4567),
    Framework("jooby", ("jooby", "jooby-netty", "jooby-jetty"), (), 8080, ("server.port",)),
    Framework("ratpack", ("ratpack-core", "io.ratpack.ratpack-java"), (), 5050),
    Framework(
        "solon",
        ("solon-web", "solon-web-servlet", "solon-api", "solon-boot-undertow"),
        ("solon-web", "solon-web-servlet", "solon-api", "solon-boot-undertow"),
        8080,
    ),
    Framework("struts", ("struts2-core",)),
    Framework(
        "jersey",
        (
            "jersey-container-servlet",
            "jersey-container-servlet-core",
            "jersey-container-grizzly2-http",
            "jersey-container-jetty-http",
            "jersey-container-netty-http",
            # https://github.com/confluentinc/rest-utils: Jersey in Jetty.
            "rest-utils",
        ),
    ),
    Framework("spring", ("spring-webmvc",)),
    Framework(
        "jakarta-ee",
        ("jakarta.jakartaee-api", "jakarta.jakartaee-web-api", "javaee-api", "javaee-web-api"),
        ("jakarta.jakartaee-api", "jakarta.jakartaee-web-api", "javaee-api", "javaee-web-api"),
        8080,
    ),
)


def shown_framework(project: Project) -> tuple[Framework, Evidence] | None:
    """Return the framework on top, and the line that shows it."""
    for framework in FRAMEWORKS:
        evidence = shown(project, framework.artifacts)
        if evidence and not _is_named_only(project, framework):
            return framework, evidence
    return _by_starter(project)


def _is_named_only(project: Project, framework: Framework) -> bool:
    """Say whether it is another Spark, or Spring's plugin that packs any program into one file."""
    if framework.name == "spring-boot":
        return not any("spring" in name for part in project.parts for name in part.dependencies)
    return framework.name == "sparkjava" and _is_other_spark(project)


def _by_starter(project: Project) -> tuple[Framework, Evidence] | None:
    """Any starter shows Spring Boot, whatever brings the rest of it."""
    spring = next(framework for framework in FRAMEWORKS if framework.name == "spring-boot")
    for name, evidence in project.dependencies.items():
        if name.startswith("org.springframework.boot:spring-boot-starter"):
            return spring, evidence
    return None


def imported_framework(imports: Sequence[Fact]) -> tuple[Framework, Evidence] | None:
    """Return the framework that sources import, for builds that name what they use in code."""
    for fact in imports:
        for framework in FRAMEWORKS:
            if framework.name == fact.value and fact.evidence:
                return framework, fact.evidence
    return None


def shown(project: Project, names: Sequence[str]) -> Evidence | None:
    """Return the line of the first of these artifacts or plugins that the program has."""
    for part in project.parts:
        evidence = part.plugin(*names) or part.dependency(*names)
        if evidence:
            return evidence
    return None


def framework_facts(project: Project, framework: Framework, evidence: Evidence) -> Iterator[Fact]:
    """Yield the framework, and the kind of program that it makes of the module."""
    serving = shown(project, framework.serving) if framework.serving else evidence
    # What neither serves nor is a program is there for programs of the framework.
    is_for_others = serving is None and not is_program(project.main)
    confidence: Confidence = "low" if is_for_others else "high"
    yield Fact("framework", framework.name, "jvm/framework", confidence, evidence)
    if serving and is_program(project.main):
        yield Fact("kind", "web", "jvm/serves", "high", serving)


def default_port_facts(
    framework: Framework, evidence: Evidence, settings: Sequence[Setting]
) -> Iterator[Fact]:
    """Yield the port that a framework takes where no setting gives another."""
    is_set = any(setting.key in framework.port_keys and setting.is_default for setting in settings)
    if framework.port:
        confidence: Confidence = "low" if is_set else "medium"
        yield Fact("port", framework.port, "jvm/default-port", confidence, evidence)


def _is_other_spark(project: Project) -> bool:
    """Apache Spark's artifact is called `spark-core_2.13`, sometimes without its suffix."""
    return "com.sparkjava:spark-core" not in project.dependencies
