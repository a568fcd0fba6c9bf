"""The errors of the OCI distribution protocol."""

import json

from werkzeug.wrappers import Response


class RegistryError(Exception):
    """An answer other than success, in the protocol's own words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """Return the answer that carries this error."""
        body = {"errors": [{"code": self.code, "message": self.message}]}
        return Response(json.dumps(body), self.status, content_type="application/json")


def unknown_repository(name: str, account: str) -> RegistryError:
    """Return the error of a repository that nobody created: ECR makes none at a push."""
    text = f"The repository with name '{name}' does not exist in the registry with id '{account}'"
    return RegistryError(404, "NAME_UNKNOWN", text)


def unknown_blob(digest: str) -> RegistryError:
    """Return the error of a layer that the repository does not hold."""
    return RegistryError(404, "BLOB_UNKNOWN", f"blob {digest} is not in the repository")


def unknown_manifest(name: str, reference: str) -> RegistryError:
    """Return the error of a tag or digest that the repository does not hold."""
    return RegistryError(404, "MANIFEST_UNKNOWN", f"Requested image not found: {name}:{reference}")
