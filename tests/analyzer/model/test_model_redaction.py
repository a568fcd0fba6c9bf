"""No planted secret reaches the API, in whatever form it stands in a repository."""

import json

import pytest
from hypothesis import given, settings, strategies
from pydantic import SecretStr

from analyzer import SourceTree
from analyzer.model.consulting import asked
from analyzer.model.redaction import is_secret_file, redacted
from analyzer.model.secret_lines import MARK
from analyzer.model.settings import ModelSettings
from analyzer.resolution import FIELDS, unknown
from tests.analyzer.model.messages_api import claims, serving

# Words that no form betrays: only what stands beside them says that they are secrets.
PLAIN = "hunter2zz"

BY_NAME = {
    "config.py": f'password = "{PLAIN}"\n',
    "config.rb": f"config.secret_key = '{PLAIN}'\n",
    "config.js": f"module.exports = {{ port: 3000, apiKey: '{PLAIN}' }}\n",
    "config.ts": f"const token: string = `{PLAIN}`\n",
    "config.go": f'dbPassword := "{PLAIN}"\n',
    "config.php": f"'password' => env('DB_PASSWORD', '{PLAIN}'),\n",
    "config.yml": f"database:\n  password: {PLAIN}\n  port: 5432\n",
    "config.yaml": f"password: |\n  {PLAIN}\n  {PLAIN}\nport: 1\n",
    "config.toml": f"client_secret = '{PLAIN}'\n",
    "config.exs": f'config :app, secret_key_base: "{PLAIN}"\n',
    "settings.py": f'SECRET_KEY = os.environ.get("SECRET_KEY", "{PLAIN}")\n',
    "app.py": f'login("{PLAIN}")  # the password\n',
    "main.py": f'connect(\n    password=\n        "{PLAIN}",\n)\n',
    "server.py": f'PASSWORD = """\n{PLAIN}\n"""\n',
    "run.py": f'subprocess.run(["mysql", "--password", "{PLAIN}"])\n',
    "api.py": f'PASSWORD = (\n    "{PLAIN}"\n    "{PLAIN}"\n)\n',
    "server.js": f"const auth = {{\n  user: 'root',\n  pass: '{PLAIN}'\n}}\n",
    "main.go": f'const key = "x"\nvar hmacKey = []byte("{PLAIN}")\n',
    "main.rs": f'let api_key = "{PLAIN}".to_string();\n',
    "Program.cs": f'var s = "Server=db;User Id=sa;Password={PLAIN};";\n',
    "appsettings.json": json.dumps({"ConnectionStrings": {"Db": f"Host=db;Pwd={PLAIN}"}}, indent=1),
    "application.properties": f"spring.datasource.password={PLAIN}\n",
    "application.yml": f"spring:\n  datasource:\n    password: '{PLAIN}'\n",
    "Dockerfile": f"FROM x\nENV DB_PASSWORD {PLAIN}\nARG TOKEN={PLAIN}\n",
    "compose.yaml": f"services:\n  a:\n    environment:\n      - DB_PASS={PLAIN}\n",
    "docker-compose.yml": f"x:\n  command:\n    - --requirepass\n    - {PLAIN}\n",
    "values.yaml": f"env:\n  - name: API_TOKEN\n    value: {PLAIN}\n",
    "entrypoint.sh": f"export TOKEN=$(cat <<EOF\n{PLAIN}\nEOF\n)\n",
    "start.sh": f"mysql --password \\\n  {PLAIN}\n",
    "Makefile": f"deploy:\n\tcurl -H 'Authorization: Basic {PLAIN}' http://x\n",
    "pom.xml": f"<project><password>{PLAIN}</password></project>\n",
    "app.json": json.dumps({"env": {"SECRET": {"value": PLAIN}}}, indent=2),
    "README.md": f"# x\n\nLog in with the password {PLAIN}.\n",
    ".env.example": f"PORT=3000\nANYTHING={PLAIN}\n",
    "app.yaml": f"kind: Secret\nstringData:\n  harmless: {PLAIN}\n",
    "routes.rb": f'http_basic_authenticate_with name: "x", password: "{PLAIN}"\n',
}  # fmt: skip

# Secrets that their own form betrays, under names that say nothing.
BY_FORM = [
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789",
    "glpat-x9Yz8Wv7Ut6Sr5Qp4On3",
    "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "sk-ant-api03-AbCdEf0123456789-AbCdEf0123456789",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "npm_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
    "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",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "3f1c2d4b-9a8e-4c7d-8b6a-5e4f3d2c1b0a",
    "0123456789abcdef0123456789abcdef",
    "q9x2v7k4m1z8w5t3r6",
    "KQ7ZP3MX9WV2LT8R",
    "kqzvxjwpfmbtrlyhgdkq",
    "p@ssW0rd!zz",
    "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
]
USERINFO = [
    f"postgres://shop:{PLAIN}@db:5432/shop",
    f"postgres://shop:{PLAIN}/more@db:5432/shop",
    f"mongodb+srv://{PLAIN}@cluster/x",
    f"redis://:{PLAIN}@cache:6379",
    f"amqp://guest:{PLAIN}@mq",
    f"https://{PLAIN}:x-oauth-basic@github.com/a/b",
    f"shop:{PLAIN}@tcp(db:3306)/shop",
]
KEY_BLOCK = (
    "-----BEGIN RSA PRIVATE KEY-----\nplainwordsfirst\nplainwordssecond\n"
    "-----END RSA PRIVATE KEY-----\n"
)


def sent(files: dict[str, str]) -> str:
    """Return the body that reached the API when asked about the files."""
    with serving([claims()]) as api:
        settings = ModelSettings(api_key=SecretStr("k"), base_url=api.url)
        asked(SourceTree.of_files(files), {f: unknown(f) for f in FIELDS}, settings)
    [body] = api.bodies
    return json.dumps(json.loads(body), ensure_ascii=False)


@pytest.mark.slow
def test_no_secret_leaves_by_its_name() -> None:
    """Every language's and format's way to write a password down, and no trace in the request."""
    # Few at a time: of many files of one sort only the first are shown.
    for start in range(0, len(BY_NAME), 10):
        files = dict(list(BY_NAME.items())[start : start + 10])
        body = sent(files)
        assert PLAIN not in body
        missing = [path for path in files if f'path=\\"{path}\\"' not in body]
        assert not missing, missing


@pytest.mark.parametrize("canary", BY_FORM)
def test_no_secret_leaves_by_its_form(canary: str) -> None:
    """Under a name that says nothing, quoted, bare and in a comment."""
    files = {
        "app.py": f'x = "{canary}"\nport = 8080\n',
        "config.yml": f"x: {canary}\n",
        "main.go": f"// {canary}\nfunc main() {{}}\n",
        "pyproject.toml": f"[a]\nb = ['{canary}']\n",
    }
    body = sent(files)
    assert canary not in body
    assert json.dumps(canary)[1:-1] not in body
    # Neither does a good part of it.
    assert canary[2:14] not in body
    assert "port = 8080" in body


@pytest.mark.parametrize("address", USERINFO)
def test_no_password_leaves_in_an_address(address: str) -> None:
    """User and password are taken out of addresses of every kind."""
    body = sent({"app.py": f'url = "{address}"\n', "config.yml": f"url: {address}\n"})
    assert PLAIN not in body


@pytest.mark.parametrize("end", ["", "-----END RSA PRIVATE KEY-----\n"])
def test_no_private_key_leaves(end: str) -> None:
    """Between its marks, without its end, on one line of JSON."""
    block = KEY_BLOCK.replace("-----END RSA PRIVATE KEY-----\n", end)
    files = {
        "app.py": f'K = """{block}"""\n',
        "config.yml": f"k: |\n{block}",
        "app.json": json.dumps({"k": block}),
    }
    body = sent({**files, "main.py": "app.run(port=8080)\n"})
    assert "plainwords" not in body
    assert "port=8080" in body


@pytest.mark.parametrize(
    "path",
    [
        *("server.pem", "tls.key", "id_rsa", ".npmrc", ".netrc", "prod.tfvars", "secrets.yml"),
        *("config/credentials.yml.enc", "service-account-prod.json", ".htpasswd", "x.p12"),
    ],
)
def test_files_of_secrets_are_kept_back_whole(path: str) -> None:
    """A file that is there to hold secrets is not shown, whatever stands in it."""
    assert is_secret_file(path)
    body = sent({path: "port: harmless-looking\n", "app.py": "app.run(port=1)\n"})
    assert "harmless-looking" not in body


def test_a_value_of_an_environment_file_stays() -> None:
    """Of `.env` and its kin only the names are shown."""
    assert redacted(".env.sample", "export A=1\nB: two words\n# C=3\nrest") == [
        f"export A={MARK}",
        f"B: {MARK}",
        MARK,
        MARK,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "app.listen(process.env.PORT || 3000)",
        'SECRET_KEY = os.environ["SECRET_KEY"]',
        "password: ${DB_PASSWORD}",
        "const token = process.env.API_TOKEN",
        'uvicorn.run("inventory.main:application", host="0.0.0.0", port=8000)',
        '    "@nestjs/platform-express": "^10.3.1",',
        "FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled-extra AS base",
        "image: postgres:16@sha256:" + "0123456789abcdef" * 4,
        "import org.springframework.boot.autoconfigure.SpringBootApplication;",
        'app.MapHealthChecks("/healthz/readiness");',
        'http.ListenAndServe(fmt.Sprintf(":%d", 8080), nil)',
        "requires-python = '>=3.11,<4.0'",
        "image: shop:1.2.3",
        "spring.datasource.url=jdbc:postgresql://db:5432/shop",
    ],
)
def test_lines_that_prove_something_are_left_alone(line: str) -> None:
    """Where a secret is only named, or nothing secret stands, the line can still be quoted."""
    assert redacted("app.py", line) == [line]


@pytest.mark.slow
@given(strategies.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_lines_keep_their_numbers(text: str) -> None:
    """Any text has as many lines after as before, or evidence would point elsewhere."""
    assert len(redacted("app.py", text)) == len(text.split("\n"))
    assert len(redacted(".env", text)) == len(text.split("\n"))


@pytest.mark.slow
@given(
    strategies.sampled_from(
        ["password = {}", "TOKEN={}", "  api_key: {}", '"secret": "{}"', "export DB_PWD='{}'"]
    ),
    strategies.text("abcdefgh0123456789!#%-_", min_size=6, max_size=30),
)
@settings(max_examples=300, deadline=None)
def test_no_word_behind_a_secrets_name_is_shown(form: str, word: str) -> None:
    """Whatever the word looks like, beside such a name it is taken out."""
    [line] = redacted("app.py", form.format(word))
    assert word not in line


@pytest.mark.slow
def test_redaction_is_linear() -> None:
    """A file made to be slow to match takes no longer than any other of its size."""
    for text in ("a:" * 60_000, "-----BEGIN A-----" * 8_000, '"' * 100_000, "secret" * 20_000):
        redacted("app.py", text)
    redacted("app.py", "\n".join(["a:b" * 130] * 300))
