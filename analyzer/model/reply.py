"""The closed form of the model's answer, and its strict reading."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from delightful.errors import ConfigError
from delightful.reading.json import read_json

MOST_CLAIMS: Final = 80
LONGEST_QUOTE: Final = 200
_MOST_BYTES: Final = 128 * 1024
_DEEPEST: Final = 6

Framework = Literal[
    "actix", "adonisjs", "aiohttp", "akka-http", "aspnetcore", "axum", "beego", "bottle", "cakephp",
    "celery", "chi", "codeigniter", "cowboy", "django", "dropwizard", "echo", "express", "falcon",
    "fastapi", "fastify", "fiber", "flask", "gin", "gorilla", "grape", "hanami", "hapi", "helidon",
    "hono", "hyper", "javalin", "koa", "ktor", "laravel", "litestar", "lumen", "meteor",
    "micronaut", "nestjs", "nextjs", "nuxt", "phoenix", "plug", "poem", "pyramid", "quarkus",
    "rack", "rails", "remix", "restify", "rocket", "sails", "salvo", "sanic", "sinatra", "slim",
    "spark", "spring-boot", "starlette", "strapi", "streamlit", "sveltekit", "symfony", "tide",
    "tornado", "vertx", "warp", "yii",
]  # fmt: skip
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9@%+=:,./_-]{1,200}$")]


class Claim(BaseModel):
    """A value and the line that proves it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    file: str = Field(min_length=1, max_length=1024)
    line: int = Field(ge=1, le=1_000_000)
    quote: str = Field(min_length=3, max_length=LONGEST_QUOTE)


class KindClaim(Claim):
    """How the program is run."""

    field: Literal["kind"]
    value: Literal["web", "worker", "library", "cli"]


class LanguageClaim(Claim):
    """What the service is written in."""

    field: Literal["language"]
    value: Literal[
        "python", "node", "go", "java", "kotlin", "ruby", "php", "rust", "elixir", "dotnet"
    ]


class RuntimeVersionClaim(Claim):
    """The version of the language that is pinned."""

    field: Literal["runtime_version"]
    value: str = Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4}){0,3}$")


class FrameworkClaim(Claim):
    """The web framework, in its usual name."""

    field: Literal["framework"]
    value: Framework


class PortClaim(Claim):
    """The port that the container listens on."""

    field: Literal["port"]
    value: int = Field(ge=1, le=65535)


class StartCommandClaim(Claim):
    """The start command, one word of it at a time."""

    field: Literal["start_command"]
    value: list[Word] = Field(min_length=1, max_length=32)


class HealthPathClaim(Claim):
    """The path that says that the service is ready."""

    field: Literal["health_path"]
    value: str = Field(min_length=1, max_length=200)


class DatabaseClaim(Claim):
    """The database that the service itself talks to."""

    field: Literal["database"]
    value: Literal["postgres", "mysql", "sqlite", "mongodb", "sqlserver", "dynamodb", "h2", "none"]


class DatabaseVersionClaim(Claim):
    """The version of that database in its reference deployment."""

    field: Literal["database_version"]
    value: str = Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$")


class CacheClaim(Claim):
    """The cache or broker that the service needs."""

    field: Literal["cache"]
    value: Literal["redis", "memcached", "none"]


class WorkerClaim(Claim):
    """Whether a second type of process exists."""

    field: Literal["worker"]
    value: bool


class EnvironmentVariableClaim(Claim):
    """The name of one variable that the service reads."""

    field: Literal["environment_variables"]
    value: str = Field(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")


AnyClaim = (
    KindClaim
    | LanguageClaim
    | RuntimeVersionClaim
    | FrameworkClaim
    | PortClaim
    | StartCommandClaim
    | HealthPathClaim
    | DatabaseClaim
    | DatabaseVersionClaim
    | CacheClaim
    | WorkerClaim
    | EnvironmentVariableClaim
)
_CLAIM: TypeAdapter[AnyClaim] = TypeAdapter(Annotated[AnyClaim, Field(discriminator="field")])


class Reply(BaseModel):
    """The whole answer: nothing but claims."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: list[AnyClaim]


class MalformedReply(ValueError):
    """The answer is not of the agreed form."""


def read_reply(text: str) -> tuple[list[AnyClaim], int]:
    """Return the claims of an answer, and how many were outside their bounds and left out.

    Raises:
        MalformedReply: not one JSON object with a list of claims and nothing else.
    """
    claims = []
    given = _given(text)
    for item in given:
        try:
            claims.append(_CLAIM.validate_python(item))
        except ValidationError:
            continue
    return claims, len(given) - len(claims)


def _given(text: str) -> list[Any]:
    try:
        document = read_json(
            text.encode("utf-8", "replace"), "reply", max_bytes=_MOST_BYTES, max_depth=_DEEPEST
        )
    except ConfigError as error:
        raise MalformedReply(error.code) from None
    if not isinstance(document, dict) or document.keys() != {"answers"}:
        raise MalformedReply("not an object with answers and nothing else")
    answers = document["answers"]
    if not isinstance(answers, list) or len(answers) > MOST_CLAIMS:
        raise MalformedReply(f"not a list of at most {MOST_CLAIMS} answers")
    return answers
