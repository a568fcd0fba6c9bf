"""What a PHP project's own files name: packages, the version of PHP, what is served."""

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from analyzer.facts import Fact, first_line, quoted_match
from analyzer.languages.dependencies import Dependencies
from analyzer.languages.node.project import (
    PackageFile,
    read_package_file,
    read_service_package,
)
from analyzer.languages.source_share import is_most
from analyzer.patterns import Pattern
from analyzer.tree import SourceTree
from delightful.recommendation import Confidence, Evidence

COMPOSER_FILE: Final = "composer.json"
# What a web server is pointed at.
_ENTRIES: Final = (
    "public/index.php",
    "web/index.php",
    "webroot/index.php",
    "htdocs/index.php",
    "public_html/index.php",
    "html/index.php",
    "www/index.php",
    "index.php",
)
# A script that answers to what a page sends, and what WordPress asks of its plugins' first file.
_ANSWERS: Final = Pattern(r"\$_(?:GET|POST|REQUEST)\b")
_PLUGIN: Final = Pattern(r"^[ \t/*#]*(?:Plugin|Theme) Name:", re.MULTILINE)
_PAGES: Final = frozenset({"index.html", "index.htm"})
_MOST_PAGES: Final = 20
# The one that sits on top comes first: October and Statamic bring Laravel, Craft brings Yii.
FRAMEWORKS: Final = (
    ("laravel/framework", "laravel"),
    ("laravel/lumen-framework", "lumen"),
    ("symfony/framework-bundle", "symfony"),
    ("symfony/symfony", "symfony"),
    ("shopware/core", "symfony"),
    ("sylius/sylius", "symfony"),
    ("contao/core-bundle", "symfony"),
    ("pimcore/pimcore", "symfony"),
    ("sulu/sulu", "symfony"),
    ("cakephp/cakephp", "cakephp"),
    ("codeigniter4/framework", "codeigniter"),
    ("codeigniter4/codeigniter4", "codeigniter"),
    ("codeigniter/framework", "codeigniter"),
    ("craftcms/cms", "craft"),
    ("yiisoft/yii2", "yii"),
    ("yiisoft/yii", "yii"),
    ("yiisoft/yii-http", "yii"),
    ("hyperf/framework", "hyperf"),
    ("hyperf/http-server", "hyperf"),
    ("spiral/framework", "spiral"),
    ("mezzio/mezzio", "mezzio"),
    ("laminas/laminas-mvc", "laminas"),
    ("zendframework/zend-mvc", "zend"),
    ("drupal/core-recommended", "drupal"),
    ("drupal/core", "drupal"),
    ("flarum/core", "flarum"),
    ("roots/wordpress", "wordpress"),
    ("johnpbloch/wordpress", "wordpress"),
    ("typo3/cms-core", "typo3"),
    ("magento/product-community-edition", "magento"),
    ("neos/flow", "neos"),
    ("nette/application", "nette"),
    ("silex/silex", "silex"),
    ("slim/slim", "slim"),
    ("ext-phalcon", "phalcon"),
    ("phalcon/phalcon", "phalcon"),
    ("flightphp/core", "flight"),
    ("mikecao/flight", "flight"),
    ("leafs/leaf", "leaf"),
    ("bcosca/fatfree", "fatfree"),
    ("bcosca/fatfree-core", "fatfree"),
)
# Files that only one framework's skeleton has, for projects that Composer does not describe.
_SKELETONS: Final = (
    ("wp-config-sample.php", "wordpress"),
    ("wp-load.php", "wordpress"),
    ("artisan", "laravel"),
    ("config/bundles.php", "symfony"),
    ("app/AppKernel.php", "symfony"),
    ("spark", "codeigniter"),
    ("system/core/CodeIgniter.php", "codeigniter"),
    ("core/lib/Drupal.php", "drupal"),
)
_CODEIGNITER: Final = "core/CodeIgniter.php"
_PINS: Final = (
    (".php-version", Pattern(r"\A\s*(\d+(?:\.\d+){0,2})")),
    (".tool-versions", Pattern(r"^php[ \t]+(\d+(?:\.\d+){0,2})", re.MULTILINE)),
    ("mise.toml", Pattern(r"^php[ \t]*=[ \t]*\"(\d+(?:\.\d+){0,2})", re.MULTILINE)),
)
_PLATFORM: Final = Pattern(r"\"platform\"\s*:\s*\{[^}]{0,200}?\"php\"\s*:\s*\"(\d+(?:\.\d+){0,2})")
_LONGEST_CONSTRAINT: Final = 80


def read_composer(tree: SourceTree) -> PackageFile | None:
    """Return `composer.json`, here or one folder below; None where none can be read."""
    return read_service_package(tree, COMPOSER_FILE)


def required(tree: SourceTree, composer: PackageFile | None) -> Dependencies:
    """Return the packages and extensions that run with the service, with their lines.

    What is required of the repository's own packages is required with them.
    """
    if composer is None:
        return {}
    named = dict(composer.located("require"))
    for path in _paths_of_packages(tree, composer):
        package = read_package_file(tree, path)
        if package and package.content.get("name") in named:
            named = {**package.located("require"), **named}
    return named


def _paths_of_packages(tree: SourceTree, composer: PackageFile) -> Iterator[str]:
    """Yield the files of the packages that Composer takes from folders beside it."""
    repositories = composer.content.get("repositories")
    listed = list(repositories.values()) if isinstance(repositories, dict) else repositories
    for entry in listed if isinstance(listed, list) else ():
        url = entry.get("url") if isinstance(entry, dict) and entry.get("type") == "path" else None
        if isinstance(url, str):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(composer.path), url))
            pattern = f"{place}/{COMPOSER_FILE}"
            for path in tree.named(COMPOSER_FILE):
                if path.count("/") == pattern.count("/") and fnmatchcase(path, pattern):
                    yield path


def entry_of(tree: SourceTree) -> Evidence | None:
    """Return the first line of the script that a web server is pointed at."""
    path = next((path for path in _ENTRIES if path in tree), None) or _page_of(tree)
    text = tree.text(path) if path else None
    return first_line(path, text) if path and text and text.strip() else None


def _page_of(tree: SourceTree) -> str | None:
    """Return a script that pages call, where neither Composer nor a first script is there."""
    scripts = [path for path in tree.sources(".php") if "/" not in path]
    if not scripts or COMPOSER_FILE in tree:
        return None
    if _PAGES.isdisjoint(tree.top_level) and not is_most(tree, ".php"):
        return None
    texts = {path: tree.text(path) or "" for path in scripts[:_MOST_PAGES]}
    if any(_PLUGIN.search(text) for text in texts.values()):
        return None
    return next((path for path, text in texts.items() if _ANSWERS.search(text)), None)


def framework_folders(tree: SourceTree) -> tuple[str, ...]:
    """Return where a framework lies that comes as a copy: what it can use is not what is used."""
    return tuple(
        path.removesuffix(_CODEIGNITER)
        for path in tree.named("CodeIgniter.php")
        if f"/{path}".endswith(f"/system/{_CODEIGNITER}")
    )


def framework_of(tree: SourceTree, composer: PackageFile | None) -> Fact | None:
    """Return the framework by its package, else by a file that only its skeleton has."""
    packages = required(tree, composer)
    for name, framework in FRAMEWORKS:
        if name in packages:
            return Fact("framework", framework, "php/dependency", "high", packages[name])
    for path, framework in _SKELETONS:
        text = tree.text(path) if path in tree else None
        if text and text.strip():
            return Fact("framework", framework, "php/skeleton", "high", first_line(path, text))
    return None


def php_versions(tree: SourceTree, composer: PackageFile | None) -> Iterator[Fact]:
    """Yield the version of PHP from each file that pins one."""
    for name, pattern in _PINS:
        path = tree.nearest(name)
        # Above the service it may be there for the repository's tools.
        confidence: Confidence = "high" if path == name else "medium"
        yield from _versions(tree, path, pattern, "php/version-file", confidence)
    if composer:
        yield from _versions(tree, composer.path, _PLATFORM, "php/platform", "medium")
        yield from _constraint(composer)


def _versions(
    tree: SourceTree, path: str | None, pattern: Pattern[str], rule: str, confidence: Confidence
) -> Iterator[Fact]:
    text = tree.text(path) if path else None
    match = pattern.search(text) if text else None
    if path and text and match:
        number = re.compile(re.escape(match[1])).search(text, match.start(1))
        version = ".".join(match[1].split(".")[:2])
        evidence = quoted_match(path, text, number or match)
        yield Fact("runtime_version", version, rule, confidence, evidence)


def _constraint(composer: PackageFile) -> Iterator[Fact]:
    stated = composer.stated("require", "php") or composer.stated("require", "php-64bit")
    constraint = stated[0][:_LONGEST_CONSTRAINT] if stated else ""
    versions = re.findall(r"(?<![\d.<])(\d+\.\d+|\d+(?=\s*$))", constraint)
    if stated is None or not versions:
        return
    # Of the lines that are allowed the oldest of the newest major is what it was written for.
    newest = versions[-1].partition(".")[0]
    version = next(version for version in versions if version.partition(".")[0] == newest)
    # What has no upper end says what it runs with at least.
    is_one = len(versions) == 1 and not constraint.lstrip().startswith(">")
    confidence: Confidence = "medium" if is_one else "low"
    yield Fact("runtime_version", version, "php/constraint", confidence, stated[1])
