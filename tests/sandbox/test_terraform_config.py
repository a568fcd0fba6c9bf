"""Terraform finds its provider in a mirror where there is one, else in the public registry."""

from pathlib import Path

from sandbox.terraform_config import PROVIDER, cli_config, find_mirror, mirror_candidates


def test_the_first_directory_that_holds_the_provider_is_the_mirror(tmp_path: Path) -> None:
    """An empty plugins directory is passed over for one with the provider in it."""
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    (full / PROVIDER / "5.100.0").mkdir(parents=True)
    assert find_mirror([tmp_path / "missing", empty, full]) == full
    assert find_mirror([empty]) is None


def test_looks_where_terraform_looks_and_first_where_it_is_told(tmp_path: Path) -> None:
    """A chosen mirror comes first, then the user's plugins, then the system's."""
    environment = {
        "DELIGHTFUL_TERRAFORM_MIRROR": "/chosen",
        "XDG_DATA_HOME": "/data",
        "XDG_DATA_DIRS": "/one:/two",
    }
    candidates = list(mirror_candidates(environment, tmp_path))
    assert candidates[:5] == [
        Path("/chosen"),
        tmp_path / ".terraform.d" / "plugins",
        Path("/data/terraform/plugins"),
        Path("/one/terraform/plugins"),
        Path("/two/terraform/plugins"),
    ]


def test_the_configuration_names_the_mirror_or_keeps_what_the_registry_gave() -> None:
    """With a mirror the registry is left out for the provider; without one a cache is used."""
    mirrored = cli_config(Path("/mirror"), Path("/cache"))
    assert 'path    = "/mirror"' in mirrored
    assert f'exclude = ["{PROVIDER}"]' in mirrored
    cached = cli_config(None, Path("/cache"))
    assert 'plugin_cache_dir = "/cache"\n' in cached
    assert "plugin_cache_may_break_dependency_lock_file = true" in cached
