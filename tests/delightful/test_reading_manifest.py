"""Section A of the bad inputs: every one ends in one line with code, file, line and column."""

import json
import re
import stat
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from delightful.errors import ConfigError, ExitCode
from delightful.manifest import Manifest, manifest_schema
from delightful.reading.manifest import manifest_file, read_manifest
from delightful.reading.schema import keys_at

DOCS = Path(__file__).parents[2] / "docs"
LINE = re.compile(r"E_[A-Z_]+ \.delightful\.yaml:\d+:\d+ \S+: .+ → .+")
API = b"service: api\n"


def refused(data: bytes) -> ConfigError:
    """Return the error of a manifest that must not be taken; its form is checked here."""
    with pytest.raises(ConfigError) as caught:
        read_manifest(data)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert LINE.fullmatch(str(caught.value)), str(caught.value)
    assert len(str(caught.value)) < 1000
    return caught.value


def bomb(levels: int) -> bytes:
    """Return an alias bomb."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


# id of the row, input, code, what the message must say besides
Y_ROWS: list[tuple[str, bytes, str, str]] = [
    ("Y01", bomb(9), "E_YAML_ALIAS", ":1:5 a0:"),
    ("Y02", b"a: &a [*a]", "E_YAML_ALIAS", ":1:4"),
    ("Y02", API + b"port: *p", "E_YAML_ALIAS", ":2:7"),
    ("Y03", b"a: " + b"[" * 500, "E_YAML_DEPTH", "allowed 20 levels"),
    ("Y03", b"a: " + b"{a: " * 10_000, "E_YAML_DEPTH", "allowed 20 levels"),
    ("Y03", "\n".join(" " * n + "a:" for n in range(200)).encode(), "E_YAML_DEPTH", "20"),
    ("Y03", b"- " * 10_000 + b"a", "E_YAML_DEPTH", "allowed 20 levels"),
    ("Y04", API + b"#" * 65_536, "E_YAML_SIZE", "got 65549 bytes, allowed 65536"),
    ("Y05", b"service: !!python/object/apply:os.system [id]", "E_YAML_TAG", "python/object"),
    ("Y05", b"service: !<tag:x> a", "E_YAML_TAG", "tags are not allowed"),
    ("Y05", b"service: !!str 12", "E_YAML_TAG", "!!str"),
    ("Y06", API + b"cpu_units: 256\ncpu_units: 512", "E_YAML_DUPKEY", "line 2 and in line 3"),
    ("Y06", API + b"port: 1\n'port': 2", "E_YAML_DUPKEY", ":3:1 port:"),
    ("Y07", b"base: &x {}\n<<: *x", "E_YAML_ALIAS", ":1:7"),
    ("Y07", API + b"<<: {port: 80}", "E_YAML_ALIAS", "merge keys"),
    ("Y08", API + b"---\nservice: b", "E_YAML_MULTIDOC", ":2:1"),
    ("Y09", b"", "E_YAML_TOP", "got nothing"),
    ("Y09", b"# nothing\n", "E_YAML_TOP", "expects a mapping"),
    ("Y09", b"- service: api", "E_YAML_TOP", "got a list"),
    ("Y09", b"service", "E_YAML_TOP", "got service"),
    ("Y10", API + b"helth_check: {}", "E_KEY", "did you mean health_check?"),
    ("Y10", API + b"rollout: {bake_second: 1}", "E_KEY", "rollout.bake_second: unknown key, did"),
    (
        "Y10",
        API + b"zzz: 1",
        "E_KEY",
        "unknown key (got zzz, allowed build, cache, composition, cpu_units",
    ),
    ("Y10", b"port: 80", "E_KEY", "service: is required"),
    ("Y11", b"service: no", "E_TYPE", "quote the value"),
    ("Y11", API + b"port: 010", "E_TYPE", "got 010"),
    ("Y11", API + b"port: 1:30", "E_TYPE", "got 1:30"),
    ("Y11", b"service: 1.10", "E_TYPE", "quote the value (got 1.10)"),
    ("Y11", b"service: 2026-11-23", "E_TYPE", "quote the value"),
    ("Y11", b"service: 12", "E_TYPE", "quote the value (got 12)"),
    ("Y11", b"service: true", "E_TYPE", "quote the value (got true)"),
    ("Y11", b"service:", "E_TYPE", "got nothing"),
    ("Y11", API + b"environment: {WORKERS: 2}", "E_TYPE", "environment.WORKERS"),
    ("Y11", API + b"on: x", "E_TYPE", ":2:1 on:"),
    ("Y11", API + b"1: x", "E_TYPE", "a key must be text"),
    ("Y11", API + b"? [a]\n: b", "E_TYPE", "a key must be text"),
    ("Y11", API + b"start_command: [python, -p, 8000]", "E_TYPE", "start_command[2]"),
    ("Y11", API + b"start_command: python app.py", "E_TYPE", "allowed a list"),
    ("Y11", API + b"port: '8000'", "E_TYPE", 'got "8000", allowed 1 to 65535'),
    ("Y11", API + b"rollout: 3", "E_TYPE", "allowed a mapping"),
    ("Y11", API + b"health_check: [a]", "E_TYPE", "allowed a mapping"),
    ("Y12", b"service: 0123456701234567012345670123456701234567", "E_TYPE", "quote the value"),
    ("Y13", API + b"port: .inf", "E_RANGE", "not a finite number"),
    ("Y13", API + b"port: .nan", "E_RANGE", "not a finite number"),
    ("Y13", API + b"port: " + b"9" * 5000, "E_RANGE", "more than 18 digits"),
    ("Y13", API + b"port: -1", "E_RANGE", "got -1, allowed 1 to 65535"),
    ("Y13", API + b"port: 1e9", "E_RANGE", "got 1e9"),
    ("Y13", API + b"port: 1e999", "E_RANGE", "not a finite number"),
    ("Y13", API + b"port: true", "E_RANGE", "got true, allowed 1 to 65535"),
    ("Y13", API + b"port: 80.0", "E_RANGE", "got 80.0"),
    ("Y14", API + b"port: 1" + b":59" * 20_000, "E_TYPE", "got 1:59:59"),
    ("Y14", API + b"port: 1" + b":59" * 30_000, "E_YAML_SIZE", "65536"),
    ("Y15", b"service:\n\tname: api", "E_ENC", ":2:1"),
    ("Y15", b"service: a\x00pi", "E_ENC", ":1:11 file: control characters"),
    ("Y15", "# é\nservice: é".encode("latin-1"), "E_ENC", "must be UTF-8 (got byte 0xe9)"),
    ("Y15", "service: api".encode("utf-16"), "E_ENC", "got UTF-16"),
    ("Y15", "service: api".encode("utf-32-be"), "E_ENC", ""),
    ("Y15", API + b"port: \x1b[31m80", "E_ENC", "\\u001b"),
    (
        "Y16",
        "service: \uff50\uff52\uff4f\uff44".encode(),
        "E_NAME",
        "got \uff50\uff52\uff4f\uff44, allowed 2 to 31",
    ),
    ("Y16", "service: a\u200bpi".encode(), "E_NAME", "got a\\u200bpi"),
    ("Y16", "service: \u202eipa".encode(), "E_NAME", "got \\u202eipa"),
    ("Y16", b'service: "api\\n"', "E_NAME", "got api\\u000a"),
    ("Y16", b"service: a--b", "E_NAME", "single dashes"),
    ("Y16", b"service: " + b"a" * 32, "E_NAME", "2 to 31"),
    *(
        ("Y17", API + f"{key}: {{path: {json.dumps(path)}}}".encode(), "E_PATH", f"{key}.path")
        for key in ("health_check", "smoke_test")
        for path in (
            "//evil.com/x",
            "@evil.com",
            "http://169.254.169.254/",
            "\t//evil",
            "/\\evil",
            "/%0d%0aHost:",
            "/a/../..",
            "/a/./b",
            "/x?y=1",
            "/x#y",
            "/" + "a" * 1024,
            "healthz",
            "",
            "/a//b",
            "/\uff41",
            "/a\n",
        )
    ),
    ("Y18", API + b"cpu_units: 300", "E_ENUM", "allowed 256, 512, 1024"),
    ("Y18", API + b"log_retention_days: 2", "E_ENUM", "allowed 1, 3, 5, 7"),
    ("Y18", API + b"rollout: {strategy: canary}", "E_ENUM", "allowed blue_green, rolling"),
    ("Y18", b"version: 2\nservice: api", "E_ENUM", "got 2, allowed 1"),
    ("Y18", API + b"desired_count: 0", "E_RANGE", "allowed 1 to 100"),
    ("Y18", API + b"start_command: []", "E_RANGE", "at least 1"),
    ("Y18", API + b"scaling: {max_count: 101}", "E_RANGE", ":2:22 scaling.max_count: out of range"),
    ("Y18", API + b"scaling: {cpu_percent: 5}", "E_RANGE", "got 5, allowed 10 to 95"),
    ("Y18", API + b"scaling: {memory_percent: 96}", "E_RANGE", "got 96, allowed 10 to 95"),
    ("Y18", API + b"scaling: {requests_per_task: 0}", "E_RANGE", "allowed 1 to 1000000"),
    ("Y18", API + b"scaling: {cpu_percent: 60.5}", "E_RANGE", "got 60.5"),
    ("Y18", API + b"scaling: {min_count: '2'}", "E_TYPE", "allowed 1 to 100"),
    ("Y18", API + b"scaling:\n  max_coun: 2", "E_KEY", ":3:3 scaling.max_coun: unknown key, did"),
    ("Y18", API + b"scaling: true", "E_TYPE", "allowed a mapping"),
    ("Y18", API + b"scaling: {min_count: 3, max_count: 2}", "E_PAIR", ":2:36 scaling.max_count"),
    ("Y18", API + b"desired_count: 3\nscaling: {max_count: 2}", "E_PAIR", "allowed 1 to 2"),
    ("Y18", API + b"desired_count: 1\nscaling: {min_count: 2}", "E_PAIR", ":2:16 desired_count"),
    ("Y18", API + b"traffic: {}", "E_KEY", "traffic.requests_per_second: is required"),
    ("Y18", API + b"traffic: {requests_per_second: 0}", "E_RANGE", "allowed 1 to 100000"),
    ("Y18", API + b"traffic: {requests_per_second: 1.5}", "E_RANGE", "got 1.5"),
    ("Y18", API + b"traffic: {requests_per_second: 5, p: 9}", "E_KEY", "traffic.p: unknown key"),
    ("Y18", API + b"traffic: 50", "E_TYPE", "allowed a mapping"),
    ("Y18", API + b"tracing: 'no'", "E_TYPE", "allowed true or false"),
    ("Y18", API + b"cpu_units: 256\nmemory_mib: 4096", "E_PAIR", "allowed 512, 1024, 2048 MiB"),
    ("Y18", API + b"memory_mib: 700", "E_PAIR", "Fargate does not sell this size"),
    ("Y18", API + b"health_check: {interval_seconds: 5}", "E_PAIR", "timeout_seconds"),
    ("Y18", API + b'health_check: {matcher: "399-200"}', "E_RANGE", "ends before it begins"),
    ("Y18", API + b'health_check: {matcher: "500"}', "E_ENUM", "got 500"),
    ("Y18", API + b"build: {dockerfile: ../Dockerfile}", "E_PATH", "out of the repository"),
    ("Y18", API + b"build: {context: /etc}", "E_ENUM", "got /etc"),
    *(
        (
            "Y19",
            API + f"environment: {{{name}: x}}".encode(),
            "E_ENV",
            f":2:15 environment.{name}: ",
        )
        for name in (
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ENDPOINT_URL_S3",
            "LD_PRELOAD",
            "TF_CLI_ARGS",
            "DELIGHTFUL_COMMIT",
            "PORT",
            "A-B",
            "1A",
            "\uff21",
        )
    ),
    ("Y18", API + b"database: {engine: mariadb}", "E_ENUM", "allowed postgres, mysql"),
    ("Y18", API + b"database: {version: '16'}", "E_KEY", "database.engine: is required"),
    ("Y18", API + b"database: {engine: postgres, version: 16}", "E_TYPE", "quote the value"),
    ("Y18", API + b"database: {engine: postgres, version: '9.6'}", "E_PAIR", "allowed 14 or later"),
    ("Y18", API + b"database: {engine: mysql, version: '16'}", "E_PAIR", "database.version: no"),
    ("Y18", API + b"database: {engine: mysql, version: '8'}", "E_PAIR", "allowed 8.0 or 8.4"),
    ("Y18", API + b"database: {engine: mysql, version: new}", "E_ENUM", "database.version"),
    ("Y18", API + b"database: {engine: mysql, size: big}", "E_KEY", "database.size: unknown key"),
    ("Y18", API + b"cache: {engine: memcached}", "E_ENUM", "got memcached, allowed redis"),
    ("Y18", API + b"release_command: python manage.py migrate", "E_TYPE", "allowed a list"),
    ("Y18", API + b"release_command: []", "E_RANGE", "at least 1"),
    (
        "Y19",
        API + b"database: {engine: mysql}\nenvironment: {DATABASE_HOST: db}",
        "E_ENV",
        ":3:14 environment: DATABASE_HOST is what `database` sets",
    ),
    (
        "Y19",
        API
        + b"cache: {engine: redis}\n"
        + b"secrets: {REDIS_URL: 'arn:aws:ssm:eu-west-1:123456789012:parameter/a'}",
        "E_ENV",
        ":3:10 secrets: REDIS_URL is what `cache` sets",
    ),
    ("Y19", API + b"secrets: {LD_PRELOAD: x}", "E_ENV", "reserved"),
    ("Y19", API + b"secrets: {TOKEN: hunter2}", "E_SECRET", "the ARN of a secret"),
    (
        "Y19",
        API
        + b"environment: {A: x}\nsecrets: {A: 'arn:aws:ssm:eu-west-1:123456789012:parameter/a'}",
        "E_ENV",
        "under `environment` too",
    ),
]


@pytest.mark.parametrize(("row", "data", "code", "says"), Y_ROWS)
def test_refuses_bad_manifests(row: str, data: bytes, code: str, says: str) -> None:
    """Every row of section A that is made of bytes ends in its code, in one line, in time."""
    began = time.process_time()
    error = refused(data)
    assert time.process_time() - began < 1, row
    assert error.code == code, error
    assert says in error.message


SECRETS = [
    ("AWS_KEY", "AKIAIOSFODNN7EXAMPLE"),
    ("KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("DB_PASSWORD", "hunter2"),
    ("DB_PASSWORD", 0o1234),
    ("SECRET_KEY_BASE", "correct horse"),
    ("APIKEY", "abc"),
    ("GITHUB", "ghp_0123456789abcdef0123456789abcdef0123"),
    ("SLACK", "https://hooks.slack.com/services/T0/B0/abc"),
    ("DATABASE_URL", "postgres://app:hunter2@db/app"),
    ("PEM", "-----BEGIN RSA PRIVATE KEY-----"),
    ("JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc"),
]


@pytest.mark.parametrize(("name", "value"), SECRETS)
def test_refuses_literals_that_look_like_secrets(name: str, value: object) -> None:
    """Y19: a secret-looking literal is refused and never echoed."""
    error = refused(API + f"environment:\n  {name}: {json.dumps(value)}".encode())
    assert error.code in ("E_SECRET", "E_TYPE")
    assert str(value) not in str(error)


@pytest.mark.parametrize(
    "line", ["DB_PASSWORD: 0123456", "API_TOKEN: 2026-11-23", "TOKEN: 1:59", "SECRET: .inf"]
)
def test_never_echoes_a_secret_that_yaml_cannot_read(line: str) -> None:
    """An unquoted password that the YAML reader itself refuses is not echoed either."""
    error = refused(API + f"environment:\n  {line}".encode())
    assert line.split(": ")[1] not in error.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "info"),
        ("TOKEN_TTL_SECONDS", "3600"),
        ("USE_SECRET", "true"),
        ("COMMIT", "0123456789abcdef0123456789abcdef01234567"),
        ("DATABASE_URL", "postgres://db.internal:5432/app"),
        ("HOMEPAGE", "https://example.com/a/b"),
        ("AWS_STORAGE_BUCKET_NAME", "media"),
        ("EMPTY_PASSWORD", ""),
        ("PATH_TO_STATIC", "/usr/local/share/Some/Very/Long/Path/With/Digits/2026/Assets"),
    ],
)
def test_takes_literals_that_are_no_secrets(name: str, value: str) -> None:
    """A guard against secrets that refuses plain settings would be turned off."""
    manifest = read_manifest(API + f"environment:\n  {name}: {json.dumps(value)}".encode())
    assert manifest.environment == {name: value}


def test_tells_the_first_mistake_in_the_file() -> None:
    """Of several mistakes the topmost is told, so that they can be corrected in order."""
    assert "port:" in refused(API + b"port: 0\ncpu_units: 1\nzzz: 1").message
    assert refused(b"service: api\nzzz: 1\nport: 0").code == "E_KEY"


def test_takes_names_of_stores_where_no_store_is_asked_for() -> None:
    """A service that brings its own database tells itself of it in the same words."""
    own = "arn:aws:ssm:eu-west-1:123456789012:parameter/a"
    lines = f"environment: {{DATABASE_HOST: db}}\nsecrets: {{DATABASE_PASSWORD: '{own}'}}"
    assert read_manifest(API + lines.encode()).environment == {"DATABASE_HOST": "db"}


REGULAR = stat.S_IFREG | 0o644


@pytest.mark.parametrize(
    ("modes", "says"),
    [
        ({".delightful.yaml": REGULAR, ".delightful.yml": REGULAR}, "which one is meant"),
        ({".delightful.yaml": stat.S_IFLNK | 0o777}, "a symbolic link"),
        ({".delightful.yml": stat.S_IFDIR | 0o755}, "a directory"),
        ({".delightful.yaml": stat.S_IFIFO | 0o644}, "a named pipe"),
        ({".delightful.yaml": stat.S_IFCHR | 0o644}, "a device"),
    ],
)
def test_refuses_what_is_no_plain_file(modes: dict[str, int], says: str) -> None:
    """Y20: a link, a folder, a pipe or two manifests are refused before anything is opened."""
    with pytest.raises(ConfigError, match=says) as caught:
        manifest_file(modes)
    assert caught.value.code == "E_FILE"


@pytest.mark.parametrize("name", [".delightful.yaml", ".delightful.yml"])
def test_finds_the_manifest(name: str) -> None:
    """Either spelling is found, and none is an answer too."""
    assert manifest_file({name: REGULAR, "app.py": REGULAR}) == name
    assert manifest_file({"app.py": REGULAR}) is None


def paths_of(schema: dict[str, object], value: object, path: tuple[str, ...] = ()) -> set[str]:
    """Return the dotted paths of all fields that the schema knows below a path."""
    found: set[str] = set()
    for key in keys_at(schema, path):
        found |= {".".join((*path, key))} | paths_of(schema, value, (*path, key))
    return found


def shown_paths(value: object, path: tuple[str, ...] = ()) -> set[str]:
    """Return the dotted paths of all keys that a document shows."""
    if not isinstance(value, dict):
        return set()
    below = [shown_paths(inner, (*path, key)) for key, inner in value.items()]
    return {".".join((*path, key)) for key in value}.union(*below)


def test_the_documented_manifest_shows_every_field() -> None:
    """The annotated manifest is read by the reader itself and leaves no field out."""
    data = (DOCS / "manifest.yaml").read_bytes()
    assert read_manifest(data, "docs/manifest.yaml").service == "my-service"
    fields = paths_of(Manifest.model_json_schema(), None)
    assert len(fields) > 25
    assert fields <= shown_paths(yaml.safe_load(data))


def test_the_published_schema_is_current() -> None:
    """`docs/manifest.schema.json` is what the model says; write `manifest_schema()` there again."""
    assert (DOCS / "manifest.schema.json").read_text(encoding="utf-8") == manifest_schema()


def test_the_published_schema_agrees_with_the_reader() -> None:
    """An editor that follows the schema accepts the documented manifest and marks mistakes."""
    schema = json.loads(manifest_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(yaml.safe_load((DOCS / "manifest.yaml").read_bytes()))
    for mistake in (
        {},
        {"service": "API"},
        {"service": "api", "zzz": 1},
        {"service": "api", "port": 0},
        {"service": "api", "environment": {"a-b": "c"}},
        {"service": "api", "health_check": {"path": "x"}},
    ):
        assert not validator.is_valid(mistake), mistake


def test_a_stored_manifest_keeps_what_was_explicit() -> None:
    """Written and read again, a manifest has said no more than its author did."""
    manifest = read_manifest(API + b"rollout: {bake_seconds: 5}")
    again = Manifest.model_validate_json(manifest.model_dump_json())
    assert again == manifest
    assert again.model_fields_set == {"service", "rollout"}
    assert again.rollout.model_fields_set == {"bake_seconds"}
