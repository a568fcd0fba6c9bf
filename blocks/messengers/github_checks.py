"""Check runs on commits: one for each name, edited in place."""

from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from analyzer.commenting.github_access import GitHubAccess, opened, unreadable
from delightful.frozen import Frozen

if TYPE_CHECKING:
    from github.CheckRun import CheckRun
    from github.Repository import Repository

Conclusion = Literal["success", "failure", "neutral", "action_required"]

TITLE_CHARACTERS: Final = 255
SUMMARY_CHARACTERS: Final = 65_535
_CUT: Final = "\n\n… cut at GitHub's limit"
_MOST_RUNS: Final = 100
_OPERATION: Final = "write of a check run"


class FinishedCheck(Frozen):
    """A check run that has ended; what is too long for GitHub is cut."""

    name: str
    conclusion: Conclusion
    title: str
    summary: str

    @property
    def mark(self) -> str:
        """Return the external id by which our own runs are told from others of the same name."""
        return f"delightful:{self.name}"

    @property
    def output(self) -> dict[str, str]:
        """Return the part that people read."""
        left = SUMMARY_CHARACTERS - len(_CUT)
        is_long = len(self.summary) > SUMMARY_CHARACTERS
        summary = self.summary[:left] + _CUT if is_long else self.summary
        return {"title": self.title[:TITLE_CHARACTERS], "summary": summary}


def keep_check(access: GitHubAccess, commit: str, check: FinishedCheck) -> str:
    """Keep one check run of this name on a commit, and return its address.

    It is looked for first, so that one whose creation was never answered is edited.
    """
    with opened(access, _OPERATION) as client:
        repository = client.get_repo(access.repository)
        found = _ours(repository, commit, check)
        if found is None:
            kept = repository.create_check_run(
                check.name,
                commit,
                external_id=check.mark,
                status="completed",
                conclusion=check.conclusion,
                output={**check.output},
            )
        else:
            found.edit(status="completed", conclusion=check.conclusion, output=check.output)
            kept = found
        if kept.html_url is None or kept.conclusion != check.conclusion:
            raise unreadable(_OPERATION)
        return kept.html_url


def _ours(repository: "Repository", commit: str, check: FinishedCheck) -> "CheckRun | None":
    runs = repository.get_commit(commit).get_check_runs(check_name=check.name, filter="all")
    ours = (run for run in islice(runs, _MOST_RUNS) if run.external_id == check.mark)
    return max(ours, key=lambda run: run.id, default=None)
