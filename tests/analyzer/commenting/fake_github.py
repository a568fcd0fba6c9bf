"""Pull request 7 of owner/name with its comments, as GitHub's API shows them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.stand_ins.local_server import Answer, Asked

ROOT = "/repos/owner/name"
OURS = "release-bot"


class FakeIssue:
    """The pull request; a comment is its author and its text.

    `is_app` makes the token an app's, which has no user of its own and writes as a bot.
    """

    def __init__(self, *comments: tuple[str, str], is_app: bool = False) -> None:
        self.comments: dict[int, tuple[str, str]] = dict(enumerate(comments, start=1))
        self.is_app = is_app

    @property
    def bodies(self) -> dict[int, str]:
        """Return the texts by number."""
        return {number: text for number, (_, text) in self.comments.items()}

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        if asked.path == "/user":
            return Answer(403, {"message": "no user"}) if self.is_app else self._user()
        path = asked.path.partition("?")[0].removeprefix(ROOT)
        if path == "/issues/7/comments":
            return self._created(asked) if asked.method == "POST" else self._page(asked)
        return self._one(asked, int(path.removeprefix("/issues/comments/")))

    def _user(self) -> Answer:
        return Answer(body={"login": OURS, "type": "User"})

    def _created(self, asked: Asked) -> Answer:
        number = max(self.comments, default=0) + 1
        self.comments[number] = (OURS, asked.json()["body"])
        return Answer(201, self._shown(asked, number))

    def _page(self, asked: Asked) -> Answer:
        page = int(parse_qs(urlsplit(asked.path).query).get("page", ["1"])[0])
        numbers = sorted(self.comments)
        shown = [self._shown(asked, number) for number in numbers[(page - 1) * 100 : page * 100]]
        following = f"{_root(asked)}/issues/7/comments?per_page=100&page={page + 1}"
        link = {"Link": f'<{following}>; rel="next"'} if numbers[page * 100 :] else {}
        return Answer(200, shown, link)

    def _one(self, asked: Asked, number: int) -> Answer:
        if number not in self.comments:
            return Answer(404, {"message": "Not Found"})
        if asked.method == "DELETE":
            del self.comments[number]
            return Answer(204)
        self.comments[number] = (self.comments[number][0], asked.json()["body"])
        return Answer(body=self._shown(asked, number))

    def _shown(self, asked: Asked, number: int) -> dict[str, Any]:
        author, text = self.comments[number]
        kind = "Bot" if self.is_app and author == OURS else "User"
        return {
            "id": number,
            "url": f"{_root(asked)}/issues/comments/{number}",
            "html_url": f"https://github.example/owner/name/pull/7#issuecomment-{number}",
            "body": text,
            "user": {"login": author, "type": kind},
        }


def _root(asked: Asked) -> str:
    return f"http://{asked.headers['Host']}{ROOT}"
