"""A build file of the JVM: what the module is called, what it runs with and depends on."""

from collections.abc import Mapping
from dataclasses import dataclass

from delightful.recommendation import Evidence


@dataclass(frozen=True)
class BuildFile:
    """One `pom.xml`, `build.gradle` or `build.gradle.kts`.

    `dependencies` (`group:artifact`) run with the module; those of tests and of the compiler are
    left out. `modules` are the names by which it asks for other modules of the same repository.
    """

    path: str
    text: str
    name: str
    version: str | None
    packaging: str
    dependencies: Mapping[str, Evidence]
    plugins: Mapping[str, Evidence]
    modules: frozenset[str]
    main_class: Evidence | None = None

    @property
    def folder(self) -> str:
        """Return the module's folder, with a slash at its end; empty for the service's own."""
        folder, slash, _ = self.path.rpartition("/")
        return folder + slash

    @property
    def is_gradle(self) -> bool:
        """Say whether Gradle builds it."""
        return not self.path.endswith(".xml")

    def dependency(self, *artifacts: str) -> Evidence | None:
        """Return the line of the first of these artifacts that the module runs with."""
        return artifact_in(self.dependencies, *artifacts)

    def plugin(self, *names: str) -> Evidence | None:
        """Return the line of the first of these plugins that the module applies."""
        return next((self.plugins[name] for name in names if name in self.plugins), None)


def artifact_in(dependencies: Mapping[str, Evidence], *artifacts: str) -> Evidence | None:
    """Return the line of the first of these artifacts, whatever their group."""
    for artifact in artifacts:
        suffix = f":{artifact}"
        for name, evidence in dependencies.items():
            if name.endswith(suffix):
                return evidence
    return None
