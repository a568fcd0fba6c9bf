"""What the analyzer says of Java services from their builds, settings and sources alone."""

from collections.abc import Mapping

import pytest

from analyzer import SourceTree, analyze
from analyzer.languages.jvm.settings import canonical
from delightful.recommendation import Answer

POM = """<project>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.5.1</version>
  </parent>
  <artifactId>shop</artifactId>
  <version>1.2.0</version>
  <properties><java.version>21</java.version></properties>
  <dependencyManagement><dependencies><dependency>
    <groupId>com.mysql</groupId><artifactId>mysql-connector-j</artifactId>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    {dependencies}
    <dependency><groupId>com.h2database</groupId><artifactId>h2</artifactId><scope>test</scope></dependency>
  </dependencies>
  <build><plugins><plugin>
    <groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId>
  </plugin></plugins></build>
</project>
"""
SOURCE = "package com.example.shop;\nclass App {}\n"
PLACE = "src/main/java/com/example/shop/App.java"


def pom(*artifacts: str) -> str:
    """Return the pom of a Spring Boot service that runs with these artifacts."""
    lines = "\n    ".join(
        f"<dependency><groupId>g</groupId><artifactId>{name}</artifactId></dependency>"
        for name in artifacts
    )
    return POM.format(dependencies=lines)


def answers(files: Mapping[str, str], folder: str = "") -> dict[str, Answer]:
    """Return what is said of a service, by field."""
    tree = SourceTree.of_files(files, folder)
    found = analyze(tree, None, service="shop", commit="0" * 40)
    return {answer.field: answer for answer in found.answers}


def variables(said: Mapping[str, Answer]) -> set[str]:
    """Return the names of the environment variables that were found."""
    value = said["environment_variables"].value
    return {str(name) for name in value} if isinstance(value, list) else set()


def spring(settings: str, *artifacts: str, source: str = SOURCE) -> dict[str, Answer]:
    """Return what is said of a Spring Boot service with these settings."""
    needed = ("spring-boot-starter-web", *artifacts)
    files = {
        "pom.xml": pom(*needed),
        "src/main/resources/application.properties": settings,
        PLACE: source,
    }
    return answers(files)


def test_a_spring_service_is_understood_from_its_pom() -> None:
    """Language, version, framework, port, start and health need no file but the pom."""
    said = spring("", "spring-boot-starter-actuator")
    assert said["kind"].value == "web"
    assert said["language"].value == "java"
    assert said["runtime_version"].value == "21"
    assert said["framework"].value == "spring-boot"
    assert said["port"].value == 8080
    assert said["health_path"].value == "/actuator/health"
    assert said["start_command"].value == ["java", "-jar", "target/shop-1.2.0.jar"]
    assert (said["database"].value, said["cache"].value) == ("none", "none")


def test_settings_move_port_and_health() -> None:
    """A context path lies before the actuator, and a placeholder's default is the port."""
    said = spring(
        "server.port=${PORT:9090}\nserver.servlet.context-path=/shop\n"
        "management.endpoints.web.base-path=/manage\n",
        "spring-boot-starter-actuator",
    )
    assert said["port"].value == 9090
    assert said["health_path"].value == "/shop/manage/health"
    assert "PORT" in variables(said)


def test_a_context_may_be_called_as_the_application() -> None:
    """What settings refer to is looked up among them, or has its default."""
    for base, path in (
        ("/${spring.application.name}", "/shop/actuator/health"),
        ("/${BASE:carts}", "/carts/actuator/health"),
        ("/${UNKNOWN}", "/actuator/health"),
        ("${shop.base}", "/carts/actuator/health"),
    ):
        said = spring(
            f"spring.application.name=shop\nspring.webflux.base-path={base}\n"
            "shop.base=${shop.place}\nshop.place=${PLACE:/carts}\n",
            "spring-boot-starter-actuator",
        )
        assert said["health_path"].value == path


@pytest.mark.parametrize(
    ("build", "version"),
    [
        ("<from>\n<image>eclipse-temurin:25-jre</image></from>", "25"),
        ("<from><image>${docker.image}</image></from>", "24"),
        ("<from><image>acme/base:25</image></from>", "21"),
        ("<from><image>openjdk:1.8-jre</image></from>", "8"),
        ("<from><image>acme/java-base:3.2.1</image></from>", "21"),
        ("<!-- <from><image>eclipse-temurin:25-jre</image></from> -->", "21"),
    ],
)
def test_the_image_that_a_build_makes_tells_what_runs(build: str, version: str) -> None:
    """What the code is compiled for may be older than what Jib builds the image upon."""
    files = {"pom.xml": pom("spring-boot-starter-web"), PLACE: SOURCE}
    image = "<docker.image>amazoncorretto:24</docker.image></properties>"
    files["pom.xml"] = files["pom.xml"].replace("</properties>", f"{image}{build}", 1)
    assert answers(files)["runtime_version"].value == version


@pytest.mark.parametrize(
    "script",
    [
        'jib {\n    from {\n        image = "eclipse-temurin:25-jre"\n    }\n}\n',
        "jib.from.image = 'eclipse-temurin:25-jre'\n",
    ],
)
def test_a_script_may_name_the_image_that_it_builds_upon(script: str) -> None:
    """Both ways of Gradle to say the same, in the build or beside it; comments say nothing."""
    plain = "plugins {\n    id 'application'\n}\nsourceCompatibility = 17\n"
    for files in (
        {"build.gradle": plain + script},
        {"build.gradle": plain, "gradle/jib.gradle": script},
    ):
        assert answers({**files, PLACE: SOURCE})["runtime_version"].value == "25"
    commented = {"build.gradle": f"{plain}/*\n{script}*/\n", PLACE: SOURCE}
    assert answers(commented)["runtime_version"].value == "17"


def test_an_own_port_of_management_has_no_context() -> None:
    """Where management listens apart, the application's context does not count there."""
    said = spring(
        "server.servlet.context-path=/shop\nmanagement.server.port=8081\n",
        "spring-boot-starter-actuator",
    )
    assert said["health_path"].value == "/actuator/health"
    said = spring(
        "server.port=8080\nserver.servlet.context-path=/shop\nmanagement.server.port=${server.port}\n",
        "spring-boot-starter-actuator",
    )
    assert said["health_path"].value == "/shop/actuator/health"


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ("", "/health"),
        ("management.context-path=/manage\n", "/manage/health"),
        ("server.context-path=/shop\n", "/shop/health"),
    ],
)
def test_the_first_spring_boot_has_its_actuator_at_the_root(settings: str, path: str) -> None:
    """Before version 2 nothing stands before the actuator's paths."""
    files = {
        "pom.xml": pom("spring-boot-starter-web", "spring-boot-starter-actuator"),
        "src/main/resources/application.properties": settings,
        PLACE: SOURCE,
    }
    files["pom.xml"] = files["pom.xml"].replace("<version>3.5.1<", "<version>1.4.0.RELEASE<")
    assert answers(files)["health_path"].value == path


@pytest.mark.parametrize(
    "script",
    [
        "plugins {\n  id 'org.springframework.boot' version '1.5.9.RELEASE'\n}\n",
        "ext {\n  springBootVersion = '1.5.9.RELEASE'\n}\n"
        "apply plugin: 'org.springframework.boot'\n",
        "classpath 'org.springframework.boot:spring-boot-gradle-plugin:1.5.9.RELEASE'\n"
        "apply plugin: 'org.springframework.boot'\n",
    ],
)
def test_gradle_names_the_spring_boot_in_several_ways(script: str) -> None:
    """A plugin's version, a property and the build's class path tell which one it is."""
    needed = (
        "dependencies {\n  implementation 'org.springframework.boot:spring-boot-starter-web'\n"
        "  implementation 'org.springframework.boot:spring-boot-starter-actuator'\n}\n"
    )
    for text, path in ((script, "/health"), (script.replace("1.5.9", "2.5.9"), "/actuator/health")):
        said = answers({"build.gradle": text + needed, PLACE: SOURCE})
        assert said["health_path"].value == path


def test_a_route_for_readiness_comes_before_the_actuator() -> None:
    """Who writes `/ready` wrote it for the one who asks; packages named sample are code."""
    source = 'package com.sample;\n@RestController\nclass App {\n  @GetMapping("/ready")\n}\n'
    said = spring("", "spring-boot-starter-actuator", source=source)
    assert said["health_path"].value == "/ready"


@pytest.mark.parametrize(
    "application",
    [
        '@ApplicationPath("/api")\nclass Shop extends Application {}\n',
        'handler.addServlet(new ServletHolder(new ServletContainer(shop)), "/api/*");\n',
    ],
)
def test_a_resource_lies_under_the_path_of_its_application(application: str) -> None:
    """What JAX-RS serves is put under one path, which stands in a class of its own."""
    resource = '@Path("health")\nclass Health {}\n'
    assert spring("", source=resource)["health_path"].value == "/health"
    assert spring("", source=application + resource)["health_path"].value == "/api/health"
    two = application + resource + '@ApplicationPath("/shop")\nclass Other {}\n'
    assert spring("", source=two)["health_path"].value == "/health"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('@Path("_status")\n@Produces(JSON)\npublic class StatusResource {}\n', "/_status"),
        ('@Path("status")\npublic class Orders {}\n', None),
        ('String HEALTH_CHECK_PATH = "/monitor/l7check";\n', "/monitor/l7check"),
    ],
)
def test_a_resource_may_be_called_after_what_it_tells(source: str, path: str | None) -> None:
    """Its path alone says less."""
    assert spring("", source=source)["health_path"].value == path


def test_a_route_lies_under_the_path_of_its_class() -> None:
    """The path of a controller is part of each of its routes."""
    source = '@RequestMapping("/api/v1")\npublic class Api {\n  @GetMapping("health")\n}\n'
    assert spring("", source=source)["health_path"].value == "/api/v1/health"


@pytest.mark.parametrize(
    ("settings", "artifacts", "expected"),
    [
        ("spring.datasource.url=jdbc:mysql://db/shop\n", ("mysql-connector-j",), "mysql"),
        ("spring.datasource.url=${DB_URL}\n", ("postgresql",), "postgres"),
        ("", ("postgresql",), "postgres"),
        ("", ("h2", "postgresql"), "h2"),
        ("database=h2\n", ("h2", "mysql-connector-j", "postgresql"), "h2"),
        ("spring.data.mongodb.uri=mongodb://db/shop\n", (), "mongodb"),
        ("", ("mysql-connector-j", "postgresql"), None),
        ("spring.datasource.url=${DB_URL}\n", (), None),
        ("", (), "none"),
    ],
)
def test_databases(settings: str, artifacts: tuple[str, ...], expected: str | None) -> None:
    """Settings say which database it is; a driver alone hints, two of them leave it open."""
    assert spring(settings, *artifacts)["database"].value == expected


def test_managed_and_test_dependencies_say_nothing() -> None:
    """A version kept for modules and a driver of tests are not what the service runs with."""
    assert spring("")["database"].value == "none"


def test_profiles_of_developers_are_not_read() -> None:
    """What holds on a laptop only is no answer; what holds in production is."""
    files = {
        "pom.xml": pom("spring-boot-starter-web", "spring-boot-starter-data-jpa"),
        "src/main/resources/application-dev.yml": "server:\n  port: 1234\n",
        "src/main/resources/application-prod.yml": (
            "spring:\n  datasource:\n    url: jdbc:postgresql://db/shop\n"
        ),
        PLACE: SOURCE,
    }
    said = answers(files)
    assert said["port"].value == 8080
    assert said["database"].value == "postgres"
    assert "SPRING_DATASOURCE_URL" in variables(said)


def test_documents_of_one_file_have_profiles_of_their_own() -> None:
    """A YAML document that names its profile speaks for that profile alone."""
    files = {
        "pom.xml": pom("spring-boot-starter-web"),
        "src/main/resources/application.yml": (
            "server:\n  port: 7001\n---\nspring:\n  config.activate.on-profile: dev\n"
            "server:\n  port: 7002\n"
        ),
        PLACE: SOURCE,
    }
    port = answers(files)["port"]
    assert (port.value, port.evidence[0].line) == (7001, 2)


def test_sessions_kept_elsewhere_need_no_redis() -> None:
    """A library for sessions in Redis is not used where settings keep them in the database."""
    artifact = "spring-session-data-redis"
    assert spring("", artifact)["cache"].value == "redis"
    assert spring("spring.session.store-type=jdbc\n", artifact)["cache"].value == "none"


def test_a_bare_client_counts_where_it_is_used() -> None:
    """A Redis client among the dependencies is a cache once the code opens it."""
    opened = "class A { RedisClient c = RedisClient.create(url); }\n"
    assert spring("", "lettuce-core")["cache"].value == "none"
    assert spring("", "lettuce-core", source=opened)["cache"].value == "redis"


def test_variables_are_named_and_never_shown() -> None:
    """Names are told, values are not: a default may be a secret."""
    source = 'class A { String k = System.getenv("API_KEY"); @Value("${shop.url}") String u; }\n'
    said = spring("shop.secret=canary-7\nshop.mail=${MAIL_HOST:canary-8}\n", source=source)
    assert {"API_KEY", "SHOP_URL", "SHOP_SECRET", "MAIL_HOST"} <= variables(said)
    assert "canary" not in "".join(str(answer) for answer in said.values())


def test_a_setting_with_a_placeholder_in_it_has_a_variable_of_its_own() -> None:
    """Its address as a whole can be set; what is a placeholder only is set by that."""
    said = spring("shop.bus.servers=${BUS:localhost}:9092\nshop.mail.host=${MAIL:${BUS:x}}\n")
    assert "SHOP_BUS_SERVERS" in variables(said)
    assert "SHOP_MAIL_HOST" not in variables(said)


def test_a_plain_placeholder_is_a_variable_in_upper_case() -> None:
    """Spring looks a word up in the environment too, unless it is a key of the settings."""
    said = spring(
        "db.uri=mongodb://${db:carts-db}/data\nname=x\nspring.a=${name:y}\nb=${version}\n"
    )
    assert "DB" in variables(said)
    assert variables(said).isdisjoint({"NAME", "VERSION", "db"})


def test_fields_that_settings_are_bound_to_become_variables() -> None:
    """The prefix of the class and the name of its field make the variable."""
    source = (
        '@ConfigurationProperties(prefix = "shop.mail-box")\npublic class Mail {\n'
        "    private String host;\n    private int retries = 3;\n}\n"
    )
    assert "SHOP_MAILBOX_HOST" in variables(spring("", source=source))
    assert "SHOP_MAILBOX_RETRIES" not in variables(spring("", source=source))


def test_the_program_among_many_modules_is_found() -> None:
    """Of a reactor the module that is packaged to run is read, with those it asks for."""
    files = {
        "pom.xml": (
            "<project><artifactId>all</artifactId><packaging>pom</packaging><properties>"
            "<maven.compiler.release>17</maven.compiler.release></properties></project>"
        ),
        "core/pom.xml": "<project><artifactId>core</artifactId><dependencies><dependency>"
        "<groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency>"
        "</dependencies></project>",
        "server/pom.xml": pom("spring-boot-starter-web", "core").replace("<java.version>21", "<x>"),
        "tool/pom.xml": "<project><artifactId>tool</artifactId><dependencies><dependency>"
        "<artifactId>mysql-connector-j</artifactId></dependency></dependencies></project>",
        "server/src/main/java/a/App.java": SOURCE,
    }
    said = answers(files)
    assert said["database"].value == "postgres"
    assert said["runtime_version"].value == "17"
    assert said["start_command"].value == ["java", "-jar", "server/target/shop-1.2.0.jar"]


def test_what_the_builds_own_plugins_bring_is_the_modules() -> None:
    """They apply each other, and modules name them alone."""
    scripts = {
        "shop.service": "plugins { id 'org.springframework.boot'\n    id 'shop.stores' }\n"
        "dependencies {\n"
        "    implementation 'org.springframework.boot:spring-boot-starter-web'\n}\n",
        "shop.stores": "dependencies {\n    runtimeOnly 'org.postgresql:postgresql:42.7.7'\n}\n",
    }
    files = {
        "carts/build.gradle": "plugins {\n    id 'shop.service'\n}\n",
        "carts/src/main/java/App.java": SOURCE,
        **{f"buildSrc/src/main/groovy/{name}.gradle": text for name, text in scripts.items()},
    }
    said = answers(files)
    assert [said["framework"].value, said["database"].value] == ["spring-boot", "postgres"]


@pytest.mark.parametrize(
    "apply", ["apply from: './gradle/libs.gradle'", 'apply(from: "$shared/libs.gradle")']
)
def test_what_an_applied_script_brings_is_the_modules(apply: str) -> None:
    """A build may keep its dependencies in a file of their own."""
    brought = "dependencies {\n    runtimeOnly 'org.postgresql:postgresql:42.7.7'\n}\n"
    files = {
        "build.gradle": f"plugins {{\n    id 'org.springframework.boot'\n}}\n{apply}\n",
        "src/main/java/App.java": SOURCE,
        "gradle/libs.gradle": brought,
        "libs.gradle": brought,
    }
    assert answers(files)["database"].value == "postgres"


@pytest.mark.parametrize(
    ("artifact", "framework"), [("solon-web", "solon"), ("rest-utils", "jersey")]
)
def test_frameworks_of_a_house_serve_as_well(artifact: str, framework: str) -> None:
    """Solon has its own, Confluent's sits on Jersey."""
    said = answers({"pom.xml": pom(artifact), "src/main/java/a/App.java": SOURCE})
    assert [said["kind"].value, said["framework"].value] == ["web", framework]


def test_a_parent_above_the_service_is_read() -> None:
    """A service in a subfolder takes its version of Java from the pom above it."""
    files = {
        "pom.xml": "<project><artifactId>all</artifactId><packaging>pom</packaging>"
        "<properties><java.version>1.8</java.version></properties></project>",
        "api/pom.xml": pom("spring-boot-starter-web").replace("<java.version>21", "<x>"),
        "api/src/main/java/a/App.java": SOURCE,
    }
    version = answers(files, "api")["runtime_version"]
    assert (version.value, version.evidence[0].file) == ("8", "../pom.xml")


QUARKUS = """<project><artifactId>heroes</artifactId>
<properties><maven.compiler.release>25</maven.compiler.release></properties>
<dependencies>
<dependency><groupId>io.quarkus</groupId><artifactId>quarkus-rest</artifactId></dependency>
<dependency><groupId>io.quarkus</groupId><artifactId>quarkus-smallrye-health</artifactId></dependency>
<dependency><groupId>io.quarkus</groupId><artifactId>quarkus-jdbc-postgresql</artifactId></dependency>
<dependency><groupId>io.quarkus</groupId><artifactId>quarkus-messaging-kafka</artifactId></dependency>
</dependencies>
<build><plugins><plugin><artifactId>quarkus-maven-plugin</artifactId></plugin></plugins></build>
</project>
"""


@pytest.mark.parametrize(
    ("configuration", "version"),
    [
        ("<source>1.8</source><target>1.8</target>", "8"),
        ("<source>${java.level}</source>", "11"),
        ("<release>${java.level}</release>", "11"),
        (
            "<executions><execution><configuration><release>17</release></configuration>"
            "</execution></executions><configuration><release>8</release></configuration>",
            "8",
        ),
        (
            "<executions><execution><configuration><release>17</release></configuration>"
            "</execution></executions>",
            "17",
        ),
    ],
)
def test_the_level_is_that_of_the_compiler_not_of_one_execution(
    configuration: str, version: str
) -> None:
    """Settings of the compiler's plugin count before those of a single run of it."""
    compiler = f"<artifactId>maven-compiler-plugin</artifactId>{configuration}"
    other = "<plugin><artifactId>build-helper</artifactId><source>21</source></plugin>"
    text = pom("spring-boot-starter-web").replace("java.version>", "java.level>")
    text = text.replace("<java.level>21", "<java.level>11")
    text = text.replace("<plugins>", f"<plugins>{other}<plugin>{compiler}</plugin>")
    said = answers({"pom.xml": text, PLACE: SOURCE})["runtime_version"]
    assert said.value == version


def test_quarkus() -> None:
    """Profiles stand before the key, and extensions ask for variables of known names."""
    settings = "%dev.quarkus.http.port=1\nquarkus.http.port=8083\n%prod.quarkus.http.root-path=/x\n"
    said = answers(
        {
            "pom.xml": QUARKUS,
            "src/main/resources/application.properties": settings,
            PLACE: SOURCE,
        }
    )
    assert said["framework"].value == "quarkus"
    assert said["port"].value == 8083
    assert said["health_path"].value == "/x/q/health"
    assert said["start_command"].value == ["java", "-jar", "target/quarkus-app/quarkus-run.jar"]
    assert {"QUARKUS_DATASOURCE_JDBC_URL", "KAFKA_BOOTSTRAP_SERVERS"} <= variables(said)


def test_micronaut_by_gradle_and_its_catalog() -> None:
    """Aliases of plugins and libraries are looked up in the version catalog."""
    said = answers(
        {
            "settings.gradle.kts": 'rootProject.name = "shop"\n',
            "gradle/libs.versions.toml": (
                '[versions]\njdk = "21"\n[libraries]\npg = "org.postgresql:postgresql:42"\n'
                '[plugins]\nmn-app = { id = "io.micronaut.application", version = "4" }\n'
            ),
            "build.gradle.kts": (
                "plugins {\n    alias(libs.plugins.mn.app)\n}\n"
                "java { toolchain { languageVersion = JavaLanguageVersion.of("
                "libs.versions.jdk.get().toInt()) } }\n"
                "dependencies {\n    implementation(mn.micronaut.management)\n"
                "    runtimeOnly(libs.pg)\n    testImplementation(libs.h2)\n}\n"
            ),
            PLACE: SOURCE,
        }
    )
    assert said["framework"].value == "micronaut"
    assert said["runtime_version"].value == "21"
    assert said["health_path"].value == "/health"
    assert said["database"].value == "postgres"


@pytest.mark.parametrize(
    "version",
    ["catalog.versions.java.main.get()", 'catalog.findVersion("java-main").get().toString()'],
)
def test_scripts_may_give_the_catalog_a_name_of_their_own(version: str) -> None:
    """What is shared with all modules reads the same catalog."""
    said = answers(
        {
            "gradle/libs.versions.toml": '[versions]\njava-main = "21"\n',
            "build.gradle.kts": (
                "val catalog = libs\nplugins {\n    application\n}\n"
                f"java.toolchain.languageVersion.set(JavaLanguageVersion.of({version}))\n"
            ),
            PLACE: SOURCE,
        }
    )
    assert said["runtime_version"].value == "21"


def test_the_first_jdk_that_is_built_with_elsewhere_is_a_hint() -> None:
    """Where nothing else tells the version, Travis' settings do."""
    build = "plugins {\n    id 'application'\n}\n"
    travis = "language: java\njdk:\n  - openjdk13\n  - openjdk8\n"
    files = {"build.gradle": build, ".travis.yml": travis, PLACE: SOURCE}
    version = answers(files)["runtime_version"]
    assert (version.value, version.confidence) == ("13", "low")


def test_coordinates_that_scripts_share() -> None:
    """A map of libraries in a script of its own is looked up like a catalog."""
    said = answers(
        {
            "dependencies.gradle": "libraries.pg = 'org.postgresql:postgresql:42.7'\n",
            "build.gradle": (
                "plugins {\n    id 'org.springframework.boot' version '3.5.1'\n}\n"
                "dependencies {\n    runtimeOnly(libraries.pg)\n}\n"
            ),
            PLACE: SOURCE,
        }
    )
    assert said["database"].value == "postgres"


def test_dropwizard_is_started_with_its_settings() -> None:
    """The first connector of the application is its port, and the file belongs to the command."""
    said = answers(
        {
            "pom.xml": "<project><artifactId>shop</artifactId><dependencies><dependency>"
            "<artifactId>dropwizard-core</artifactId></dependency></dependencies>"
            "<build><mainClass>a.App</mainClass></build></project>",
            "shop.yml": (
                "server:\n  applicationConnectors:\n    - type: http\n      port: 9000\n"
                "    - type: https\n      port: 9443\n"
            ),
            PLACE: SOURCE,
        }
    )
    assert said["port"].value == 9000
    assert said["start_command"].value == ["java", "-jar", "target/shop.jar", "server", "shop.yml"]


def dropwizard(*ports: tuple[str, int]) -> dict[str, Answer]:
    """Return what is said of a Dropwizard service with settings files of these ports."""
    settings = "server:\n  applicationConnectors:\n    - type: http\n      port: {}\n"
    needed = "dependencies {\n    implementation 'g:dropwizard-core:4'\n}\n"
    build = f"plugins {{\n    id 'application'\n}}\n{needed}"
    files = {path: settings.format(port) for path, port in ports}
    return answers({"build.gradle": build, PLACE: SOURCE, **files})


def test_settings_of_a_developers_machine_are_left_out() -> None:
    """Dropwizard is given one of several; where one alone is there, it is that."""
    local, image = ("config/a-local.yml", 8090), ("config/docker-shop.yml", 9000)
    assert dropwizard(local, image)["port"].value == 9000
    assert dropwizard(local)["port"].value == 8090


def test_a_war_without_a_framework_serves() -> None:
    """What is packaged for a servlet container is a web service on the container's port."""
    said = answers(
        {
            "pom.xml": "<project><artifactId>shop</artifactId><packaging>war</packaging></project>",
            PLACE: SOURCE,
        }
    )
    assert (said["kind"].value, said["port"].value) == ("web", 8080)


def test_a_jar_that_nothing_starts_is_a_library() -> None:
    """A module without a plugin that makes a program of it is nothing to deploy."""
    said = answers(
        {
            "pom.xml": "<project><artifactId>shop</artifactId><dependencies><dependency>"
            "<artifactId>spring-boot-autoconfigure</artifactId><optional>true</optional>"
            "</dependency></dependencies></project>",
            PLACE: SOURCE,
        }
    )
    assert said["kind"].value == "library"
    assert said["start_command"].value is None


def test_a_program_that_reads_its_arguments_is_a_tool() -> None:
    """A command-line library in a program without a server makes it a tool."""
    said = answers(
        {
            "build.gradle": (
                "plugins {\n    id 'application'\n}\ndependencies {\n"
                "    implementation 'info.picocli:picocli:4.7.6'\n}\n"
            ),
            PLACE: SOURCE,
        }
    )
    assert said["kind"].value == "cli"


def test_a_jar_with_a_main_class_is_a_program() -> None:
    """Gradle writes it into the manifest of a jar, also of one that brings all along."""
    script = (
        "apply plugin: 'java'\ndependencies {\n    shadow 'com.google.guava:guava:33'\n}\n"
        "task all(type: Jar) {\n    manifest {\n        attributes 'Main-Class': 'shop.Main'\n"
        "    }\n}\n"
    )
    assert answers({"build.gradle": script, PLACE: "class App {}\n"})["kind"].value == "cli"


def test_a_program_without_a_web_server_is_a_worker() -> None:
    """Spring Boot told not to serve waits for work."""
    said = answers(
        {
            "pom.xml": pom("spring-boot-starter", "spring-kafka"),
            "src/main/resources/application.yml": "spring.main.web-application-type: none\n",
            PLACE: SOURCE,
        }
    )
    assert (said["kind"].value, said["worker"].value) == ("worker", True)


RUNS = "class Work {\n  void main() { SpringApplication.run(Work.class); }\n}\n"


@pytest.mark.parametrize(
    ("name", "source", "kind"),
    [
        ("shop-worker", RUNS, "worker"),
        ("shop-consumer", RUNS, "worker"),
        ("shop-worker", f'@GetMapping("/orders")\n{RUNS}', "web"),
        ("shop-worker", f'@GetMapping("/metrics")\n{RUNS}', "worker"),
        ("shop", RUNS, "web"),
        ("shop-worker", SOURCE, "web"),
    ],
)
def test_what_is_called_a_worker_and_has_no_way_in_is_one(
    name: str, source: str, kind: str
) -> None:
    """Its port is there for those who watch it."""
    files = {
        "pom.xml": pom("spring-boot-starter-web").replace(
            "<artifactId>shop<", f"<artifactId>{name}<"
        ),
        "src/main/resources/application.yaml": "server:\n  port: 8100\n",
        PLACE: source,
    }
    assert answers(files)["kind"].value == kind


@pytest.mark.parametrize(
    ("settings", "artifacts", "database"),
    [
        ("exclude:\n      - org.x.jdbc.DataSourceAutoConfiguration\n", (), "none"),
        ("include:\n      - org.x.jdbc.DataSourceAutoConfiguration\n", (), "postgres"),
        ("exclude:\n      - org.x.jdbc.DataSourceAutoConfiguration\n", ("postgresql",), "postgres"),
    ],
)
def test_no_database_where_its_connection_is_left_out(
    settings: str, artifacts: tuple[str, ...], database: str
) -> None:
    """What several services are given together is not needed by the one that leaves it out."""
    settings = f"server:\n  port: 8100\nspring:\n  autoconfigure:\n    {settings}"
    files = {
        "work/pom.xml": pom("spring-boot-starter-web", *artifacts),
        "work/src/main/resources/application.yaml": settings,
        f"work/{PLACE}": SOURCE,
        "docker-compose.yml": "services:\n  work:\n    image: shop/work\n    depends_on: [db]\n"
        "  db:\n    image: postgres:16\n",
    }
    assert answers(files, "work")["database"].value == database


@pytest.mark.parametrize(
    ("source", "port"),
    [
        ("import org.eclipse.jetty.server.Server;\nServer a = new Server(8100);\n", 8100),
        (
            "import com.sun.net.httpserver.HttpServer;\n"
            'HttpServer.create(new InetSocketAddress("0.0.0.0", 8100), 0);\n',
            8100,
        ),
        (
            "import io.undertow.Undertow;\nUndertow.builder().addHttpListener(8100, host);\n",
            8100,
        ),
        ("import static spark.Spark.*;\nport(8100);\n", 8100),
        ("import com.linecorp.armeria.server.Server;\nServer.builder().http(8100);\n", 8100),
        ("new HttpServerOptions().setPort(8100);\n", 8100),
        ("import io.helidon.webserver.WebServer;\nWebServer.builder().port(8100).build();\n", 8100),
        ("static final int PORT = 8100;\n", 8100),
        ('int a = config().getInteger("port", 8100);\n', 8100),
        ('app.setDefaultProperties(Map.of("server.port", "8100"));\n', 8100),
        ('new SpringApplicationBuilder(A.class).properties("server.port:${a.port:8100}");\n', 8100),
        ("ServerBootstrap a = b();\na.bind(8100).sync();\n", 8100),
        ('URI.create("http://0.0.0.0:8100/");\n', 8100),
        ('@Value("${server.port:8100}") int number;\n', 8100),
        ('@Value("${redis.port:8100}") int number;\n', None),
        ('@ConfigProperty(name = "shop.port", defaultValue = "8100") int number;\n', 8100),
        ('@Option(names = {"-p", "--port"}, defaultValue = "8100") int number;\n', 8100),
        ('if (port == null) port = "8100";\n', 8100),
        ("NettyServerBuilder.forPort(8100);\n", 8100),
        ('Javalin.create();\napp.start("0.0.0.0", 8100);\n', 8100),
        ("client.bind(8100);\n", None),
        ("client.setPort(8100);\n", None),
        ("client.port(8100);\n", None),
        ('int a = config().getInteger("port", 5432);\n', None),
    ],
)
def test_servers_are_given_their_ports(source: str, port: int | None) -> None:
    """Each library has its own way to be told where to listen."""
    text = "<project><artifactId>shop</artifactId></project>"
    assert answers({"pom.xml": text, PLACE: source})["port"].value == port


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("build.gradle", "jib {\n  container {\n    ports = ['8100']\n  }\n}\n"),
        ("build.gradle.kts", 'jib {\n  container {\n    ports = listOf("8100")\n  }\n}\n'),
        ("build.gradle", "bootRun {\n  args '--server.port=8100'\n}\n"),
        ("pom.xml", pom("x").replace("<build>", "<build><container><ports>\n<port>8100</port>")),
        ("pom.xml", pom("x").replace("<build>", "<build><jvmArguments>-Dserver.port=8100</")),
    ],
)
def test_a_build_gives_its_image_or_its_program_a_port(path: str, text: str) -> None:
    """What makes the image says where it listens, and so do the arguments of a start."""
    assert answers({path: text, PLACE: SOURCE})["port"].value == 8100


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('router.route("/health").handler(a);\n', "/health"),
        ('router.route(HttpMethod.GET, "/health").handler(a);\n', "/health"),
        ('builder.service("/health", HealthCheckService.of());\n', "/health"),
        ('builder.service("/health", other);\n', None),
        ('@WebServlet("/health")\nclass A {}\n', "/health"),
        ('context.addServlet(HealthServlet.class, "/health");\n', "/health"),
        ('handler.addExactPath("/health", a);\n', "/health"),
        (
            'import io.micronaut.http.annotation.Get;\n@Controller("/health")\nclass A {\n'
            "  @Get\n  String a() {}\n}\n",
            "/health",
        ),
        (
            'import io.micronaut.http.annotation.Get;\n@Controller("/orders")\nclass A {\n'
            "  @Get\n  String a() {}\n}\n",
            None,
        ),
        ('class A {\n  @GetMapping("/ping")\n}\n', "/ping"),
        ('@RequestMapping("/orders")\nclass A {\n  @GetMapping("/status")\n}\n', None),
    ],
)
def test_each_library_maps_its_routes(source: str, path: str | None) -> None:
    """What answers for health is mapped in many ways; a status of one thing is none of them."""
    text = "<project><artifactId>shop</artifactId></project>"
    assert answers({"pom.xml": text, PLACE: source})["health_path"].value == path


def test_ports_of_others_are_not_its_own() -> None:
    """A variable for the port of metrics or of a store does not say where it listens."""
    source = (
        'int a = getenv().getOrDefault("PROMETHEUS_PORT", "9465");\n'
        'int b = getenv().getOrDefault("AD_PORT", "9555");\n'
    )
    files = {"build.gradle": "plugins {\n    id 'application'\n}\n", PLACE: source}
    assert answers(files)["port"].value == 9555


@pytest.mark.parametrize(
    ("artifact", "source", "kind"),
    [
        ("kafka-clients", SOURCE, "worker"),
        ("grpc-netty", "var s = ServerBuilder.forPort(50051).build();\n", "web"),
        ("gson", SOURCE, "cli"),
    ],
)
def test_programs_without_a_framework(artifact: str, source: str, kind: str) -> None:
    """What a program speaks to and what it opens tell what it is for."""
    build = (
        "plugins {\n    id 'application'\n}\napplication { mainClass = 'a.App' }\n"
        f"dependencies {{\n    implementation 'g:{artifact}:1'\n}}\n"
    )
    assert answers({"build.gradle": build, PLACE: source})["kind"].value == kind


def test_a_source_that_starts_spring_makes_a_program_of_a_module() -> None:
    """A plugin of the house is seen by name only: how it is packed is but likely."""
    said = answers(
        {
            "main/build.gradle": (
                "apply plugin: ServicePlugin\ndependencies {\n"
                "    implementation 'org.springframework.boot:spring-boot-starter-web'\n}\n"
            ),
            f"main/{PLACE}": RUNS,
        },
        "main",
    )
    start = said["start_command"]
    assert (said["kind"].value, said["kind"].confidence) == ("web", "high")
    assert start.value == ["java", "-jar", "build/libs/main.jar"]
    assert start.confidence == "low"


@pytest.mark.parametrize(("path", "kind"), [("/noun", "web"), ("/metrics", None)])
def test_the_servers_of_the_jdk_itself(path: str, kind: str | None) -> None:
    """A plain program that answers more than who watches it serves."""
    source = (
        "import com.sun.net.httpserver.HttpServer;\n"
        "var server = HttpServer.create(new InetSocketAddress(8100), 0);\n"
        f'server.createContext("{path}", handler);\n'
    )
    build = "plugins {\n    id 'application'\n}\napplication { mainClass = 'a.App' }\n"
    assert answers({"build.gradle": build, PLACE: source})["kind"].value == kind


def test_keys_are_compared_as_frameworks_do() -> None:
    """Case, dashes and underscores do not matter in a key."""
    assert canonical("spring.dataSource.jdbc-Url") == canonical("spring.datasource.jdbc_url")


@pytest.mark.parametrize(
    "text", ["<dependency>" * 3000, "<project>" + "<!--" * 3000, "/*\n" * 3000]
)
def test_broken_build_files_are_passed_over_quickly(text: str) -> None:
    """What never ends is read once and says nothing."""
    said = answers({"pom.xml": "<project>" + text, "build.gradle": text, PLACE: SOURCE})
    assert said["language"].value == "java"


def test_modules_beside_the_services_folder_belong_to_it() -> None:
    """What it asks for is looked for in folders that are called as modules are, or as they end."""
    parts = "".join(
        f"<dependency><groupId>g</groupId><artifactId>{name}</artifactId></dependency>"
        for name in ("shop-store", "shop-wrong")
    )
    module = (
        "<project><artifactId>{}</artifactId><dependencies>{}</dependencies>"
        "<build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins>"
        "</build></project>"
    )
    starter = "<dependency><groupId>g</groupId><artifactId>{}</artifactId></dependency>"
    web = starter.format("spring-boot-starter-web") + starter.format("postgresql")
    above = {"pom.xml": "<project><modules><module>all</module></modules></project>"}
    files = {
        "all/pom.xml": module.format("shop-all", parts),
        f"all/{PLACE}": SOURCE,
        "store/pom.xml": module.format("shop-store", web),
        "wrong/pom.xml": module.format("other", starter.format("mysql-connector-j")),
    }
    said = answers({**files, **above}, "all")
    assert (said["framework"].value, said["kind"].value) == ("spring-boot", "web")
    assert said["database"].value == "postgres"
    assert answers(files, "all")["database"].value != "postgres"


def test_the_catalog_of_a_build_is_read_above_the_service() -> None:
    """Its names stand for artifacts in the scripts of every module, those beside it too."""
    files = {
        "settings.gradle": "include 'api', 'contract'\n",
        "gradle/libs.versions.toml": (
            '[libraries]\nweb = "org.springframework.boot:spring-boot-starter-webflux:3"\n'
            '[plugins]\nboot = "org.springframework.boot:3"\n'
        ),
        "api/build.gradle": (
            "plugins {\n    alias(libs.plugins.boot)\n}\ndependencies {\n"
            '    implementation libs.web\n    implementation project(":contract")\n}\n'
        ),
        f"api/{PLACE}": SOURCE,
        "contract/build.gradle": "dependencies {\n    api 'org.flywaydb:flyway-core'\n}\n",
    }
    said = answers(files, "api")
    assert (said["framework"].value, said["kind"].value) == ("spring-boot", "web")
    assert said["migration_tool"].value == "flyway"


def test_no_database_for_a_driver_that_only_a_module_beside_brings() -> None:
    """Settings that leave out what would connect count, whatever others need."""
    files = {
        "pom.xml": "<project><modules><module>work</module></modules></project>",
        "work/pom.xml": pom("spring-boot-starter-web", "shop-store"),
        f"work/{PLACE}": SOURCE,
        "work/src/main/resources/application.properties": (
            "spring.autoconfigure.exclude=a.DataSourceAutoConfiguration\n"
        ),
        "shop-store/pom.xml": pom("postgresql").replace(">shop<", ">shop-store<"),
    }
    assert answers(files, "work")["database"].value == "none"


def test_a_path_that_a_description_of_an_interface_gives_is_a_route() -> None:
    """Javalin's plugin names it beside its handler; other sets of sources do not count."""
    source = 'class A {\n  @OpenApi(\n    path = "/api/status/health",\n  )\n  Handler a;\n}\n'
    for folder, path in (("main", "/api/status/health"), ("integration", None)):
        files = {"pom.xml": pom("javalin"), f"src/{folder}/java/A.java": source, PLACE: SOURCE}
        assert answers(files)["health_path"].value == path


@pytest.mark.parametrize(("name", "port"), [("carts", 8087), ("other", 8080)])
def test_settings_may_be_called_after_the_module(name: str, port: int) -> None:
    """Whoever starts it says so."""
    files = {
        "carts-web/pom.xml": pom("spring-boot-starter-web"),
        "carts-web/src/main/java/App.java": SOURCE,
        f"carts-web/config/{name}.yml": "server:\n  port: 8087\n",
    }
    assert answers(files)["port"].value == port


def test_settings_that_are_kept_elsewhere_are_for_the_servers_database() -> None:
    """Those for a profile tell that there are others; without any Spring starts the embedded."""
    files = {"pom.xml": pom("spring-boot-starter-web", "mysql-connector-j", "h2"), PLACE: SOURCE}
    tried = {**files, "src/main/resources/application-test.properties": "server.port=0\n"}
    assert answers(tried)["database"].value == "mysql"
    there = {**tried, "src/main/resources/application.properties": "server.port=8081\n"}
    assert answers(there)["database"].value == "h2"
    assert answers(files)["database"].value == "h2"


@pytest.mark.parametrize(
    ("path", "element"),
    [
        (
            "src/main/resources/META-INF/persistence.xml",
            '<property name="jakarta.persistence.jdbc.url" value="jdbc:mysql://db/shop"/>',
        ),
        (
            "src/main/resources/hibernate.cfg.xml",
            '<property name="hibernate.connection.url">jdbc:mysql://db/shop</property>',
        ),
    ],
)
def test_a_unit_of_persistence_names_its_address(path: str, element: str) -> None:
    """Without a framework that connects by itself the address stands in XML."""
    source = SOURCE + 'String tried = "jdbc:hsqldb:mem:shop";\n'
    files = {"pom.xml": pom("jersey-server", "mysql-connector-j"), PLACE: source}
    assert answers({**files, path: f"  {element}\n"})["database"].value == "mysql"
    assert answers(files)["database"].value == "h2"


def test_a_stream_of_a_module_beside_makes_no_worker() -> None:
    """One of its choices may need it."""
    beside = pom("pulsar-client").replace("<artifactId>shop<", "<artifactId>logs<", 1)
    files = {
        "pom.xml": "<project><modules><module>shop</module></modules></project>",
        "logs/pom.xml": beside,
        "shop/pom.xml": pom("logs", "spring-boot-starter-webflux"),
        f"shop/{PLACE}": SOURCE,
    }
    assert answers(files, "shop")["kind"].value == "web"
