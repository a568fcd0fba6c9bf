"""The version of Java that a build asks for."""

import re
from collections.abc import Iterator, Sequence

from analyzer.facts import Fact, quoted
from analyzer.languages.jvm.build import BuildFile
from analyzer.languages.jvm.gradle import Catalog, read_script
from analyzer.languages.jvm.maven import properties_of
from analyzer.languages.jvm.project import Project, shared_scripts
from analyzer.languages.xml_text import blanked, stretches, tagged
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from analyzer.witnesses.containers.images import image_of, language_of, version_of
from delightful.recommendation import Confidence, Evidence

_MAVEN_PROPERTIES = (
    "maven.compiler.release",
    "java.version",
    "maven.compiler.source",
    "maven.compiler.target",
    "jdk.version",
    "java.release",
    "javaVersion",
    "version.java",
    "release.version",
    "jvm.target",
    "kotlin.compiler.jvmTarget",
)
_TOOLCHAIN = Pattern(
    r"(?:JavaLanguageVersion\.of|jvmToolchain)[ (]+(?:jdkVersion[ =]+)?([^\n)]{1,80})\)?"
)
_TARGET = Pattern(
    r"\b(?:sourceCompatibility|targetCompatibility|jvmTarget|options\.release|release)\b"
    r"(?:\.set)?[ (=]+([^\n)]{1,80})"
)
_NUMBER = Pattern(r"(?:VERSION_|JVM_|[\"']|^)(?:1[._])?(\d{1,2})\b")
_REFERENCE = Pattern(
    # A catalog may go by another name where scripts share it.
    r"\b\w{1,40}\.versions\.([\w.]{1,60}?)(?:\.get\b|\.asProvider\b|$|[^\w.])"
    r"|\bfindVersion\([ \t]*[\"']([\w.-]{1,60})[\"']|([a-zA-Z_]\w{2,40})"
)
# Of Java; other numbers are those of an image's own.
_OLDEST, _NEWEST = 6, 40
_PROPERTY_NAME = Pattern(r"\$\{([\w.-]{1,100})\}")
# What Jib builds the image upon.
_UPON = Pattern(
    r"<from>\s*<image>\s*([^<\s]{3,120})\s*</image>"
    r"|\bfrom(?:\.|\s*\{\s*)image\s*=\s*[\"']([^\"'\s]{3,120})[\"']"
)
_COMPILER = Pattern(r"<artifactId>\s*(?:maven-compiler-plugin|kotlin-maven-plugin)\s*<")
_ASSIGNED = r"\b{name}[ \t]*=[ \t]*(?:JavaVersion\.VERSION_)?[\"']?(?:1\.)?(\d{{1,2}})\b"
_FILES: tuple[tuple[str, str, Confidence], ...] = (
    (".java-version", r"\A\s*(?:[a-z-]{1,20}-?)?(?:1\.)?(\d{1,2})\b", "medium"),
    (".sdkmanrc", r"^java=(\d{1,2})", "medium"),
    (".tool-versions", r"^java[ \t]+(?:[a-z]{1,20}-){0,4}(\d{1,2})\b", "medium"),
    ("system.properties", r"^java\.runtime\.version[ \t]*=[ \t]*(?:1\.)?(\d{1,2})\b", "high"),
    (
        ".travis.yml",
        r"^jdk:[ \t]*(?:\n[ \t]*-[ \t]*)?[\"']?(?:openjdk|oraclejdk)(\d{1,2})\b",
        "low",
    ),
    (".jabbarc", r"\A\s*(?:[a-z-]{1,20}@)?(?:1\.)?(\d{1,2})\b", "medium"),
)


def version_facts(tree: SourceTree, project: Project) -> Iterator[Fact]:
    """Yield the versions that the build and the version managers' files name.

    An image that the build makes itself tells what runs; what code is compiled for may be older.
    """
    for path, pattern, confidence in _FILES:
        yield from _of_file(tree, path, pattern, confidence)
    shared = list(_shared(tree))
    making = (*_up_from_main(project), *shared)
    image = next((image for part in making for image in _of_image(tree, part)), None)
    if image:
        yield image
        return
    for part in (*_in_order(project), *shared):
        found = list(_of_build(tree, part, project))
        if found:
            yield from found
            return


def _of_file(tree: SourceTree, name: str, pattern: str, confidence: Confidence) -> Iterator[Fact]:
    path = tree.nearest(name)
    text = tree.text(path) if path else None
    match = re.search(pattern, text, re.MULTILINE) if text else None
    if match and path and text:
        evidence = quoted(path, text, match.start(), match.end())
        yield Fact("runtime_version", match[1], "jvm/version-file", confidence, evidence)


def _in_order(project: Project) -> Sequence[BuildFile]:
    """The module's own word first, then its parents', then that of the modules it uses."""
    above = _up_from_main(project)
    return [*above, *(file for file in project.all_files if file not in above)]


def _up_from_main(project: Project) -> Sequence[BuildFile]:
    own = project.main.folder
    above = [file for file in project.parts if own.startswith(file.folder.replace("../", ""))]
    return [project.main, *(file for file in above if file is not project.main)]


def _shared(tree: SourceTree) -> Iterator[BuildFile]:
    for path in shared_scripts(tree):
        script = read_script(tree, path, Catalog())
        if script:
            yield script


def _of_image(tree: SourceTree, file: BuildFile) -> Iterator[Fact]:
    text = tree.text(file.path) or ""
    plain = file.text if file.is_gradle else blanked(text, "<!--", "-->")
    for match in _UPON.finditer(plain):
        named = match[1] or match[2]
        property_name = _PROPERTY_NAME.fullmatch(named)
        reference = properties_of(plain).get(property_name[1], "") if property_name else named
        image = image_of(reference)
        told = (version_of(image, "java") or "") if language_of(image) == "java" else ""
        version = told.removeprefix("1.").partition(".")[0]
        if not version or not _OLDEST <= int(version) <= _NEWEST:
            continue
        if property_name:
            evidence = _evidence(file.path, plain, f"<{property_name[1]}>", reference)
        else:
            evidence = quoted(file.path, text, *match.span(1 if match[1] else 2))
        yield Fact("runtime_version", version, "jvm/jib-image", "high", evidence)


def _of_build(tree: SourceTree, file: BuildFile, project: Project) -> Iterator[Fact]:
    if file.is_gradle:
        yield from _gradle(tree, file, project)
    else:
        yield from _maven(tree, file)


def _maven(tree: SourceTree, file: BuildFile) -> Iterator[Fact]:
    text = blanked(tree.text(file.path) or "", "<!--", "-->")
    properties = properties_of(text)
    for name in _MAVEN_PROPERTIES:
        version = _digits(properties.get(name, ""))
        if version:
            evidence = _evidence(file.path, text, f"<{name}>", properties[name])
            yield Fact("runtime_version", version, "jvm/compiler-level", "high", evidence)
            return
    for level in _levels(text):
        named = _PROPERTY_NAME.fullmatch(level[1])
        stated = properties.get(named[1], "") if named else level[1]
        version = _digits(stated)
        if version:
            tag = f"<{named[1]}>" if named else level[0].partition(">")[0] + ">"
            evidence = _evidence(file.path, text, tag, stated)
            yield Fact("runtime_version", version, "jvm/compiler-level", "high", evidence)
            return


def _levels(text: str) -> Iterator[re.Match[str]]:
    """Yield what the compilers' settings say, those of single executions last.

    An execution is often there for one file: a description of modules, classes of newer versions.
    """
    for plain in (blanked(text, "<executions>", "</executions>"), text):
        compilers = [
            plain[start:end]
            for start, end in stretches(plain, "<plugin>", "</plugin>")
            if _COMPILER.search(plain, start, end)
        ]
        for tag in ("release", "source", "target", "jvmTarget"):
            yield from (found for one in compilers if (found := tagged(one, tag)))
    anywhere = tagged(text, "release") or tagged(text, "jvmTarget")
    if anywhere:
        yield anywhere


def _evidence(path: str, text: str, tag: str, value: str) -> Evidence:
    start = max(text.find(f"{tag}{value}"), text.find(tag))
    return quoted(path, text, start, start + len(tag) + len(value))


def _gradle(tree: SourceTree, file: BuildFile, project: Project) -> Iterator[Fact]:
    for pattern, confidence in ((_TOOLCHAIN, "high"), (_TARGET, "medium")):
        for match in pattern.finditer(file.text):
            version = _digits(match[1]) or _looked_up(tree, match[1], file, project)
            if version and _OLDEST <= int(version) <= _NEWEST:
                evidence = quoted(file.path, tree.text(file.path) or "", *match.span())
                rule_confidence: Confidence = "high" if confidence == "high" else "medium"
                yield Fact(
                    "runtime_version", version, "jvm/compiler-level", rule_confidence, evidence
                )
                return


def _looked_up(tree: SourceTree, expression: str, file: BuildFile, project: Project) -> str | None:
    """Follow a name to where the script, the catalog or `gradle.properties` gives it a number."""
    for match in _REFERENCE.finditer(expression):
        named = match[1] or match[2]
        if named:
            wanted = _bare(named)
            for key, value in project.catalog.versions.items():
                if _bare(key) == wanted:
                    return _digits(value)
            continue
        pattern = re.compile(_ASSIGNED.format(name=re.escape(match[3])), re.MULTILINE)
        for text in (file.text, *_property_texts(tree)):
            found = pattern.search(text)
            if found:
                return found[1]
    return None


def _bare(name: str) -> str:
    """Return a catalog's name as it is compared: points, dashes and case do not matter."""
    return re.sub(r"[._-]", "", name).lower()


def _property_texts(tree: SourceTree) -> Iterator[str]:
    path = tree.nearest("gradle.properties")
    if path:
        yield tree.text(path) or ""


def _digits(text: str) -> str | None:
    match = _NUMBER.search(text.strip())
    return match[1] if match else None
