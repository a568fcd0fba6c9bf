"""Maven: what a `pom.xml` says of its module."""

from collections.abc import Iterator, Mapping

from analyzer.facts import quoted
from analyzer.languages.jvm.build import BuildFile
from analyzer.languages.xml_text import blanked, stretches, tagged
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Evidence

MAVEN_FILE = "pom.xml"

# Parts of a pom that say nothing of what this module runs with. A profile that is active without
# being asked for is part of the build.
_ASIDE = (
    ("<!--", "-->", "\0"),
    ("<dependencyManagement>", "</dependencyManagement>", "\0"),
    ("<pluginManagement>", "</pluginManagement>", "\0"),
    ("<reporting>", "</reporting>", "\0"),
    ("<profile>", "</profile>", "<activeByDefault>true"),
    ("<exclusions>", "</exclusions>", "\0"),
)
_NOT_RUN = frozenset({"test", "import", "system"})
_PROPERTY = Pattern(r"<([\w.-]{1,100})>([^<\n]{0,300})</\1>")


def read_pom(tree: SourceTree, path: str) -> BuildFile | None:
    """Return what a pom says, or None where there is none."""
    text = tree.text(path)
    if not text or "<project" not in text:
        return None
    plain = _plain(text)
    dependencies = dict(_dependencies(path, text, plain))
    own = _own(plain)
    name = tagged(own, "artifactId")
    version = tagged(own, "version")
    packaging = tagged(own, "packaging")
    return BuildFile(
        path=path,
        text=plain,
        name=name[1] if name else "",
        version=version[1] if version and "$" not in version[1] else None,
        packaging=packaging[1] if packaging else "jar",
        dependencies=dependencies,
        plugins=dict(_plugins(path, text, plain)),
        modules=frozenset(key.partition(":")[2] for key in dependencies),
        main_class=_main_class(path, text, plain),
    )


def properties_of(text: str) -> Mapping[str, str]:
    """Return the properties that a pom sets."""
    found: dict[str, str] = {}
    for start, end in stretches(text, "<properties>", "</properties>"):
        for match in _PROPERTY.finditer(text, start, end):
            found.setdefault(match[1], match[2].strip())
    return found


def final_name(text: str) -> str | None:
    """Return the name that the build gives its archive, where the pom sets one."""
    match = tagged(text, "finalName")
    return match[1] if match and "$" not in match[1] else None


def _plain(text: str) -> str:
    for opening, closing, unless in _ASIDE:
        if opening in text:
            text = blanked(text, opening, closing, unless)
    return text


def _own(plain: str) -> str:
    for tag in ("parent", "dependencies", "build", "profiles", "properties", "modules"):
        plain = blanked(plain, f"<{tag}>", f"</{tag}>")
    return plain


def _dependencies(path: str, text: str, plain: str) -> Iterator[tuple[str, Evidence]]:
    for start, end in stretches(plain, "<dependency>", "</dependency>"):
        stretch = plain[start:end]
        artifact = tagged(stretch, "artifactId")
        if artifact and _is_run(stretch):
            group = tagged(stretch, "groupId")
            evidence = quoted(path, text, start + artifact.start(), start + artifact.end(1))
            yield f"{group[1] if group else ''}:{artifact[1]}", evidence


def _is_run(stretch: str) -> bool:
    scope = tagged(stretch, "scope")
    optional = tagged(stretch, "optional")
    return not (scope and scope[1] in _NOT_RUN) and not (optional and optional[1] == "true")


def _plugins(path: str, text: str, plain: str) -> Iterator[tuple[str, Evidence]]:
    for opening in ("plugin", "parent"):
        for start, end in stretches(plain, f"<{opening}>", f"</{opening}>"):
            artifact = tagged(plain[start:end], "artifactId")
            if artifact:
                evidence = quoted(path, text, start + artifact.start(), start + artifact.end(1))
                yield artifact[1], evidence


_OF_SAMPLES = Pattern(r"\.\w+\.(?:benchmarks?|demos?|examples?|samples?|tests?)\.")


def _main_class(path: str, text: str, plain: str) -> Evidence | None:
    match = tagged(plain, "mainClass") or tagged(plain, "Main-Class")
    if match is None or _OF_SAMPLES.search(match[1]):
        return None
    return quoted(path, text, match.start(), match.end(1))
