"""What a README says that its project is."""

import pytest

from analyzer.witnesses.words.readme import readme_facts
from tests.analyzer.witnessed import facts_of, sure_of


def said(readme: str, path: str = "README.md") -> list[tuple[object, str]]:
    """Return the kinds that a README speaks for."""
    return sure_of(facts_of(readme_facts, {path: readme}), "kind")


@pytest.mark.parametrize(
    ("sentence", "kind", "confidence"),
    [
        ("Shop is a command-line tool that sells things.", "cli", "high"),
        ("`shop` is a general-purpose command-line fuzzy finder.", "cli", "medium"),
        ("An opinionated code formatter.", "cli", "medium"),
        ("Shop is an effective, self-hosted anti-spam bot crafted for groups.", "worker", "high"),
        (
            "The official main **Discord Bot** for the\n[Den](https://example.org).",
            "worker",
            "high",
        ),
        ("# Kubernetes cleanup operator", "worker", "high"),
        ("A network daemon that runs on Node.js.", "worker", "low"),
        ("Shop is an MQTT broker for carts.", "web", "high"),
        ("Shop is a web framework written in Java.", "library", "medium"),
        ("Cron-like job scheduler for [Elixir](https://elixir-lang.org/).", "library", "medium"),
        ("Shop: a lightweight dashboard for your shops", "web", "high"),
        ("Shop is an open-source web application for selling.", "web", "high"),
    ],
)
def test_the_noun_that_a_project_calls_itself_tells_its_kind(
    sentence: str, kind: str, confidence: str
) -> None:
    """What the first telling sentence calls the project is believed, marks and links apart."""
    assert said(f"{sentence}\n") == [(kind, confidence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "A boilerplate for Node.js web applications.",
        "The code for a library that others use.",
        "Libraries used:",
        "See the website",
        "Transform your media library with Shop.",
        "Sells things to whoever runs a bot.",
        "- A bot",
        "```\nThis is a bot.\n```",
        "Your command line prompt should now be green.",
    ],
)
def test_what_only_mentions_a_kind_says_nothing(sentence: str) -> None:
    """A noun that tells more of something else is not what the project is."""
    assert said(f"{sentence}\n") == []


def test_a_readme_in_the_place_of_ones_own_counts_however_it_is_written() -> None:
    """What the forge shows is read: in capitals, and from the folders where it is looked for."""
    for path in ("README.MD", "docs/readme.md", ".github/README.md"):
        assert said("Shop is a CLI.\n", path) == [("cli", "high")]
    assert said("Shop is a CLI.\n", "lib/README.md") == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("package.json", '{\n  "description": "A source code formatter"\n}'),
        ("Cargo.toml", '[package]\ndescription = "A source code formatter"\n'),
        ("pom.xml", "<project>\n  <description>A source code formatter.</description>\n</project>"),
        ("shop.gemspec", 'spec.summary = "A source code formatter"\n'),
    ],
)
def test_a_project_files_sentence_tells_where_the_readme_is_silent(file: str, text: str) -> None:
    """The sentence under which a package is published says what it is, too."""
    for readme in ({}, {"README.md": "# Shop\n"}):
        facts = facts_of(readme_facts, {file: text, **readme})
        assert sure_of(facts, "kind") == [("cli", "medium")]
    facts = facts_of(readme_facts, {file: text, "README.md": "Shop is a daemon.\n"})
    assert sure_of(facts, "kind") == [("worker", "low")]


def test_lines_of_links_lead_elsewhere() -> None:
    """A link within a sentence is a part of it."""
    links = '<a href="docs">Documentation</a> |\n<a href="site">Website</a>\n\n'
    listed = "[Docs](docs) | [Our website](site)\n\n"
    for above in (links, listed):
        assert said(f"{above}shop counts words.\n") == []
    assert said("shop is a [web application](site).\n") == [("web", "high")]
