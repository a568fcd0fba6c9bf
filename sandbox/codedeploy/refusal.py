"""Refusals of the API, in the words of the real service where they are known."""

from moto.core.exceptions import ServiceException


class Refusal(ServiceException):
    """An AWS error of CodeDeploy; `code` is the exception's name without its suffix."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}Exception", message)
