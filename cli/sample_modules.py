"""`delightful analyze --modules`: samples of Terraform, checked by it and written once."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from delightful.errors import Refused

if TYPE_CHECKING:
    from analyzer.sample_modules import Sample
    from delightful.recommendation import Answer, Recommendation


def write_samples(recommendation: "Recommendation", folder: Path) -> Iterator[str]:
    """Write a module for each answer that a manifest cannot declare; yields what to say of it.

    Raises:
        Refused: E_EXISTS, one of the modules is there; E_SAMPLE, Terraform does not take one.
            In either case nothing is written.
    """
    from analyzer.sample_modules import sample_modules, unsure_answers

    samples, unsure = sample_modules(recommendation), unsure_answers(recommendation)
    for sample in samples:
        if (folder / sample.folder).exists():
            raise _taken(folder / sample.folder)
    if samples:
        _check({path: text for sample in samples for path, text in sample.files.items()})
    for sample in samples:
        _write(sample, folder)
        yield f"wrote {folder / sample.folder}: {_reason(sample.answer)}"
    for answer in unsure:
        yield f"no sample for {_reason(answer)}: --explain {answer.field}"
    if samples:
        yield "nothing is applied: review them, each README says how they are used"
    elif not unsure:
        yield "no sample is needed: .delightful.yaml can declare what was found"


def _reason(answer: "Answer") -> str:
    return f"{answer.field} = {str(answer.value).lower()}, {answer.confidence} confidence"


def _check(files: Mapping[str, str]) -> None:
    from blocks.terraform.check import check_modules
    from sandbox.settings import cache_directory
    from sandbox.terraform_config import write_cli_config

    with tempfile.TemporaryDirectory(prefix="delightful-samples-") as scratch:
        cli_config = Path(scratch) / "terraform.tfrc"
        write_cli_config(cli_config, cache_directory() / "terraform-plugins")
        check_modules(files, Path(scratch), cli_config)


def _write(sample: "Sample", folder: Path) -> None:
    try:
        (folder / sample.folder).mkdir(parents=True)
    except FileExistsError as error:
        raise _taken(folder / sample.folder) from error
    for name, text in sample.files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)


def _taken(target: Path) -> Refused:
    return Refused(
        "E_EXISTS",
        f"{target} is there already",
        hint="edit it by hand, or move it away and write again",
    )
