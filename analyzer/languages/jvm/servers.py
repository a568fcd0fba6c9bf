"""Java and Kotlin sources: where a server is started, and on which port."""

import re
from typing import Final

from pydantic import JsonValue

from analyzer.languages.service_ports import names_own_port, own_port
from analyzer.languages.watching import is_for_watching
from analyzer.patterns import Pattern
from analyzer.source_rules import SourceRule, constant, port_of

# Of a variable's name: its port is that of something else.
_OF_OTHERS = Pattern(
    r"ADMIN|DATABASE|DB|DEBUG|JMX|KAFKA|MAIL|MANAGEMENT|METRICS|MONGO|MYSQL|PG|POSTGRES|PROMETHEUS"
    r"|PROXY|RABBIT|REDIS|SMTP"
)


# What waits for work, and what others call: they serve to tell a worker that only lets itself be
# watched.
WORKS: Final = "jvm:works"
ENTRY: Final = "jvm:entry"
# What Spring Data REST puts in the web where it is there.
REPOSITORY: Final = "jvm:repository"
# Where Spring is started.
RUNS: Final = "jvm:runs"
# What sources import of a framework that serves.
IMPORTED: Final = "jvm:imported"
_GIVEN_PATH = Pattern(r"\([^\")]{0,80}\"([^\"\n]{0,100})\"")
_TAKES = Pattern(r"@(?:Post|Put|Delete|Patch)")
_GIVEN_NAME = Pattern(
    r"\(\s{0,40}(?:(?:value|path)\s{0,4}=\s{0,4})?\{?\s{0,4}([A-Za-z_][\w.]{1,80})\s{0,40}[,)}]"
)


def _entry(match: re.Match[str]) -> JsonValue:
    """Read the path that an entry gives, or the name of it; a slash where it gives none.

    What takes something is no front page, wherever it lies.
    """
    path = _GIVEN_PATH.match(match.string, match.end())
    name = _GIVEN_NAME.match(match.string, match.end())
    if path:
        return "/" + path[1].strip("/")
    return name[1] if name else "/*" if _TAKES.search(match[0]) else "/"


def _servlet(match: re.Match[str]) -> JsonValue:
    """Read a servlet's name: where it answers is told where it is made, but for an annotation."""
    return None if "@WebServlet" in match.string else match[1]


def _of_an_interface(match: re.Match[str]) -> JsonValue:
    """Say that a controller without a route of its own takes them from an interface."""
    return None if "Mapping" in match.string else "/*"


_OF_FRAMEWORKS = Pattern(r"^package io\.(?:javalin|ktor)\b", re.MULTILINE)


def _served_port(match: re.Match[str]) -> JsonValue:
    return None if _OF_OTHERS.search(match[1] or "") else int(match[2])


def _named_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[2]) if names_own_port(match[1]) else None


def _own_port(match: re.Match[str]) -> JsonValue:
    return own_port(match[1])


def _serves(match: re.Match[str]) -> JsonValue:
    """Say that a server is started, unless by the sources of the framework itself."""
    return None if _OF_FRAMEWORKS.search(match.string) else "web"


_CONTEXT = Pattern(r"\bcreateContext\([ \t]*\"([^\"\n]{0,100})\"")


def _answers(match: re.Match[str]) -> JsonValue:
    """Say that the JDK's own server serves, unless nothing but those who watch the program."""
    paths = [found[1] for found in _CONTEXT.finditer(match.string)]
    return "web" if any(not is_for_watching(path) for path in paths) else None


SERVER_RULES: Final = (
    SourceRule(
        "jvm/jdk-server",
        "kind",
        "HttpServer.create(",
        Pattern(r"\bHttpServer\.create\("),
        "low",
        _answers,
        100,
        ("sun.net.httpserver",),
    ),
    SourceRule(
        "jvm/grpc-server",
        "kind",
        ".forPort(",
        Pattern(r"\b(?:Netty)?ServerBuilder\.forPort\("),
        "medium",
        constant("web"),
        100,
    ),
    SourceRule(
        "jvm/grpc-port",
        "port",
        ".forPort(",
        Pattern(r"\b(?:Netty)?ServerBuilder\.forPort\([ \t]*(\d{2,5})\b"),
        "high",
        port_of,
        100,
    ),
    SourceRule(
        "jvm/port-variable",
        "port",
        "PORT",
        Pattern(
            r"(?:getenv|getOrDefault|env|get)[(\[][ \t]*\"(\w{1,30}_)?PORT\""
            r"[^\n\"]{0,60}?\"?\b(\d{4,5}|80)\b"
        ),
        "high",
        _served_port,
        200,
    ),
    SourceRule(
        "jvm/embedded-server",
        "port",
        "embeddedServer",
        Pattern(r"\bembeddedServer\(\s*(?:[^;{})]{0,160}?\bport\s*=\s*|\w{1,20},\s*)(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/embedded-server",
        "port",
        "connector {",
        Pattern(r"\bconnector \{\s*(?:host = \"0\.0\.0\.0\"\s*)?port = (\d{2,5})\b"),
        "high",
        port_of,
        100,
    ),
    SourceRule(
        "jvm/builder-port",
        "port",
        '"server.port',
        Pattern(r"\"server\.port[:=][ \t]*(?:\$\{[\w.-]{1,80}:)?(\d{2,5})\}?\""),
        "high",
        port_of,
        200,
    ),
    SourceRule(
        "jvm/javalin-start",
        "port",
        "Javalin",
        Pattern(
            r"\.start\([ \t]*(?:\"[\w.]{1,40}\",[ \t]*)?(\d{2,5})[ \t]*\)"
            r"|\bjetty\.(?:port|defaultPort)[ \t]*=[ \t]*(\d{2,5})\b"
        ),
        "high",
        lambda match: int(match[1] or match[2]),
    ),
    SourceRule(
        "jvm/javalin",
        "kind",
        "Javalin.",
        Pattern(r"\bJavalin\.(?:create|start)\b"),
        "medium",
        _serves,
    ),
    SourceRule(
        "jvm/embedded-engine",
        "kind",
        "embeddedServer(",
        Pattern(r"\bembeddedServer\("),
        "medium",
        _serves,
    ),
    SourceRule(
        "jvm/engine-main",
        "kind",
        "EngineMain.main(",
        Pattern(r"\bEngineMain\.main\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/handler-as-server",
        "kind",
        ".asServer(",
        Pattern(r"\.asServer\("),
        "medium",
        constant("web"),
    ),
    SourceRule(
        "jvm/as-server",
        "port",
        "asServer(",
        Pattern(r"\basServer\([ \t]*\w{1,30}\([ \t]*(?:port[ \t]*=[ \t]*)?(\d{2,5})\b"),
        "high",
        port_of,
    ),
    SourceRule(
        "jvm/listen",
        "port",
        ".listen(",
        Pattern(r"\.listen\([ \t]*(\d{2,5})\b"),
        "medium",
        port_of,
    ),
    *(
        SourceRule(
            "jvm/server-port", "port", word, Pattern(pattern), "medium", port_of, 200, beside
        )
        for word, pattern, beside in (
            ("new Server(", r"\bnew Server\([ \t]*(\d{4,5})[ \t]*\)", ("org.eclipse.jetty",)),
            (
                "InetSocketAddress(",
                r"\bHttpServer\.create\(\s*(?:new )?InetSocketAddress\("
                r"[ \t]*(?:\"[\w.]{1,40}\",[ \t]*)?(\d{2,5})[ \t]*\)",
                ("sun.net.httpserver",),
            ),
            (".bind(", r"\.bind\([ \t]*(\d{4,5})[ \t]*\)", ("ServerBootstrap",)),
            (".addHttpListener(", r"\.addHttpListener\([ \t]*(\d{2,5}),", ("undertow",)),
            ("port(", r"(?:\bSpark\.|(?<![.\w]))port\((\d{4,5})\)", ("spark.Spark",)),
            (".http(", r"\.http\([ \t]*(\d{4,5})[ \t]*\)", ("armeria.server",)),
            (
                ".setPort(",
                r"\.setPort\([ \t]*(\d{4,5})[ \t]*\)",
                ("HttpServerOptions", "catalina.startup.Tomcat", "WebServerFactory"),
            ),
            (
                ".port(",
                r"\.port\([ \t]*(\d{4,5})[ \t]*\)",
                ("helidon.webserver", "ratpack.server", "netty.http.server"),
            ),
        )
    ),
    SourceRule(
        "jvm/port-constant",
        "port",
        "PORT",
        Pattern(r"\b(?:(?:APP|HTTP|LISTEN|SERVER|WEB)_)?PORT(?:[ \t]*:[ \t]*Int)? = (\d{4,5})\b"),
        "low",
        port_of,
        100,
    ),
    SourceRule(
        "jvm/port-key",
        "port",
        '"port", ',
        Pattern(r"\((?:\"port\"|\"PORT\"), \"?(\d{4,5})\b"),
        "medium",
        _own_port,
        60,
    ),
    SourceRule(
        "jvm/port-constant",
        "port",
        "ort = ",
        Pattern(r"\b(?:port|(?:default|http|server|listen)Port) = \"?(\d{4,5})\b"),
        "low",
        port_of,
        200,
    ),
    SourceRule(
        "jvm/port-constant",
        "port",
        "ort: Int = ",
        Pattern(r"\b(?:port|(?:default|http|server|listen)Port): Int = (\d{4,5})\b"),
        "low",
        port_of,
        200,
    ),
    *(
        SourceRule("jvm/port-key", "port", word, Pattern(pattern), "medium", _named_port, 300)
        for word, pattern in (
            ('ort" to ', r"\"([\w.]{0,40}[pP]ort)\" to \"?(\d{4,5})\b"),
            ('PORT" to ', r"\"(\w{0,20}PORT)\" to \"?(\d{4,5})\b"),
            ("@Value(", r"@Value\([ \t]*\"\\?\$\{([\w.]{0,20}port|PORT):(\d{4,5})\}"),
            (
                "@ConfigProperty(",
                r"@ConfigProperty\([ \t]*name = \"([\w.-]{0,40}port)\","
                r" defaultValue = \"(\d{4,5})\"",
            ),
        )
    ),
    *(
        SourceRule("jvm/port-option", "port", '--port"', Pattern(pattern), "medium", port_of, 300)
        for pattern in (
            r"Option\([^()]{0,120}\"--port\"[^()]{0,200}?\bdefaultValue[ \t]*=[ \t]*\"(\d{4,5})\"",
            r"\boption\([^()]{0,60}\"--port\"[^()]{0,160}\)(?:\.\w+\([^()]{0,40}\)){0,3}?"
            r"\.default\((\d{4,5})\)",
        )
    ),
    SourceRule(
        "jvm/wildcard-address",
        "port",
        '"http://0.0.0.0:',
        # An address of every host is one to listen on, whatever it is given to.
        Pattern(r"\"http://0\.0\.0\.0:(\d{2,5})/?"),
        "medium",
        port_of,
        60,
    ),
    SourceRule(
        "jvm/default-port-constant",
        "port",
        "DEFAULT_",
        Pattern(r"\bDEFAULT_(?:HTTP_|SERVER_)?PORT\b[^\n=]{0,20}= (\d{4,5})\b"),
        "low",
        port_of,
        100,
    ),
    SourceRule(
        "jvm/port-key",
        "port",
        '.port"',
        Pattern(
            r"\"(?:app|application|http|ktor\.deployment|server|service|web)\.port\""
            r"[^;{}\"]{0,160}?\"?\b(\d{4,5})\b"
        ),
        "medium",
        port_of,
        250,
    ),
    SourceRule(
        "jvm/port-property",
        "port",
        "defaultValue",
        Pattern(
            r"\bport\b[^\n]{0,80}\([^\n]{0,80}(?:\n[^\n]{0,80}){0,5}?"
            r"\bdefaultValue[ \t]*=[ \t]*(\d{4,5})\b",
            re.IGNORECASE,
        ),
        "medium",
        port_of,
    ),
    *(
        SourceRule("jvm/listener", WORKS, word, Pattern(pattern), "high", constant("worker"))
        for word, pattern in (
            (
                "Listener",
                r"@(?:Kafka|Rabbit|Jms|JMS|Nats|PubSub|Pulsar|Queue|Sqs|SQS|Stream)Listener\b"
                # Not Redis': who serves listens to it to tell its other copies.
                r"|\b(?:Simple|Direct|Default|Concurrent|Kafka|Sqs|Pulsar)\w{0,20}"
                r"MessageListenerContainer[ \t]*\(",
            ),
            ("basicConsume(", r"\.basicConsume\("),
            ("ReceiveMessageRequest", r"\bReceiveMessageRequest\b"),
            ("@MqttSubscriber", r"@MqttSubscriber\b"),
            (
                'from("',
                r"\bfrom\(\"(?:activemq|amqp|aws2-sqs|jms|kafka|paho|rabbitmq|sjms2?"
                r"|spring-rabbitmq|quartz|timer):",
            ),
            (
                "Consumer<",
                r"@Bean(?:\([^)\n]{0,60}\))?\s{1,20}(?:public )?(?:fun \w{1,60}\([^)\n]{0,120}\)"
                r"[ \t]*:[ \t]*)?Consumer<",
            ),
            ("@Incoming(", r"@Incoming\("),
            ("@Scheduled(", r"@Scheduled\("),
            ("Reconciler<", r"\bReconciler<\w"),
            ("ResourceEventHandler", r"\bResourceEventHandler<"),
            ("MqttCallback", r"\bMqttCallback(?:Extended)?\b"),
            ("KafkaConsumer<", r"\bKafkaConsumer<"),
            ("RapidApplication", r"\bRapidApplication\b"),
            ("IntegrationFlow", r"\bIntegrationFlow\b"),
            ("@InboundChannelAdapter", r"@InboundChannelAdapter\b"),
            # What is run once Spring has started; those who are asked only prepare with it.
            (
                "Runner",
                r"(?:\bimplements |[:,] )(?:\w{1,40}, ){0,3}(?:CommandLine|Application)Runner\b",
            ),
            ("@EnableBatchProcessing", r"@EnableBatchProcessing\b"),
        )
    ),
    *(
        SourceRule("jvm/spring-start", RUNS, word, Pattern(pattern), "medium", constant("spring"))
        for word, pattern in (
            ("SpringApplication", r"\bSpringApplication(?:\.run|Builder)\("),
            ("runApplication<", r"\brunApplication<"),
        )
    ),
    *(
        SourceRule(
            "jvm/framework-import", IMPORTED, word, Pattern(word), "medium", constant(name), 40
        )
        for word, name in (
            ("import io.javalin.Javalin", "javalin"),
            ("import io.ktor.server.", "ktor"),
            ("import org.springframework.boot.SpringApplication", "spring-boot"),
            ("import org.springframework.boot.builder.SpringApplicationBuilder", "spring-boot"),
        )
    ),
    SourceRule(
        "jvm/entry",
        REPOSITORY,
        "Repository<",
        Pattern(r"\b(?:extends|:) \w{0,40}Repository<"),
        "medium",
        constant("/*"),
        100,
    ),
    SourceRule(
        "jvm/entry",
        ENTRY,
        "@RestController",
        Pattern(r"@RestController\b"),
        "medium",
        _of_an_interface,
        60,
    ),
    SourceRule(
        "jvm/entry",
        ENTRY,
        "HttpServlet",
        Pattern(r"\bclass (\w+)[^{\n]{0,80} (?:extends|:) HttpServlet\b"),
        "medium",
        _servlet,
        60,
    ),
    # What generators make of an OpenAPI document is an interface with the routes in it.
    *(
        SourceRule("jvm/entry", ENTRY, word, Pattern(pattern), "medium", constant("/*"), 40)
        for word, pattern in (
            ("Api {", r"\bimplements (?:[\w.]{1,60}, ){0,3}[A-Z]\w{0,60}Api \{"),
            ("ApiDelegate {", r"\bimplements (?:[\w.]{1,60}, ){0,3}[A-Z]\w{0,60}ApiDelegate \{"),
        )
    ),
    *(
        SourceRule("jvm/entry", ENTRY, word, Pattern(pattern), "medium", _entry, 300)
        for word, pattern in (
            ("Mapping", r"@(?:Get|Post|Put|Delete|Patch|Request|Query|Mutation|Message)Mapping\b"),
            ("@RepositoryRestResource", r"@RepositoryRestResource\b"),
            ("@Dgs", r"@Dgs(?:Component|Query|Mutation)\b"),
            ("@WebService", r"@WebService\b"),
            ("@WebServlet", r"@WebServlet\b"),
            ("outer {", r"\b(?:r|coR)outer \{"),
            ("rest(", r"(?<![.\w])rest(?=\([ \t]*\"/)"),
            ("@Path(", r"@Path\b"),
            ("@GrpcService", r"@GrpcService\b"),
            ("RouterFunction<", r"\bRouterFunction<"),
            ("@Route(", r"@Route\b"),
            ("@Controller(", r"@Controller\b"),
            ("@Get", r"@Get\b"),
            ("@Post", r"@Post\b"),
            ("@ServerEndpoint", r"@ServerEndpoint\b"),
            ("@ServerWebSocket", r"@ServerWebSocket\b"),
            ("@WebSocket", r"@WebSocket\b"),
            ("ImplBase", r"\bextends \w{1,60}(?:\.\w{1,60})?ImplBase\b"),
            ('get("', r"(?:(?<![.\w])get(?=\([ \t]*\")|\.get(?=\([ \t]*\"/))"),
            ('post("', r"(?:(?<![.\w])post(?=\([ \t]*\")|\.post(?=\([ \t]*\"/))"),
            ("route(", r"\broute(?=\([ \t]*\")"),
            (" bind ", r"\" bind\b"),
        )
    ),
)
