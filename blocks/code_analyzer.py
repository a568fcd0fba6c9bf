"""The analyzer, called in this process or as the Lambda function that runs the same code."""

import io
import tarfile
from pathlib import Path
from typing import Any

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl

from analyzer.lambda_functions import (
    AnalyzedCommit,
    AnalyzeRequest,
    AnalyzeResponse,
    ArchivePlace,
    OutputPlace,
    analyzed,
)
from analyzer.output import write_variables
from analyzer.tree import SourceTree
from blocks.aws import aws_client, translated
from blocks.lambda_call import invoked


class CodeAnalyzer(Block):
    """
    Reads a commit's files and recommends what the service needs to run.

    Example:
        Analyze a folder:
        ```python
        from blocks.code_analyzer import CodeAnalyzer

        analyzer = CodeAnalyzer.load("BLOCK_NAME")
        answer = analyzer.analyze(subject, repository, folder)
        ```
    """

    _block_type_name = "Code Analyzer"
    _block_type_slug = "code-analyzer"
    _documentation_url = HttpUrl("https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html")

    credentials: AwsCredentials = Field(description="Credentials for the account.")
    artifact_bucket: str = Field(
        min_length=3, max_length=63, description="Bucket of archives and recommendations."
    )
    function_name: str | None = Field(
        default=None,
        max_length=140,
        description="Lambda function to invoke, or none to analyze in process.",
    )

    def analyze(self, subject: AnalyzedCommit, repository: Path, folder: Path) -> AnalyzeResponse:
        """Analyze a commit's files and write its variables to S3; asking twice is the same.

        `repository` is the root of its files, `folder` the service's own below it.

        Raises:
            ConfigError: the files or the manifest are at fault.
            ExternalError: AWS refused.
        """
        if self.function_name is None:
            return self._in_process(subject, SourceTree.of_folder(folder, repository))
        inside = folder.resolve().relative_to(repository.resolve()).as_posix()
        placed = subject.model_copy(update={"folder": "" if inside == "." else inside})
        return self._by_function(self.function_name, placed, repository)

    def _in_process(self, subject: AnalyzedCommit, tree: SourceTree) -> AnalyzeResponse:
        recommendation = analyzed(tree, subject)
        with translated("s3", "PutObject"):
            written = write_variables(self._s3(), self.artifact_bucket, recommendation)
        return AnalyzeResponse(recommendation=recommendation, written=written)

    def _by_function(
        self, function: str, subject: AnalyzedCommit, repository: Path
    ) -> AnalyzeResponse:
        key = f"sources/{subject.service}/{subject.commit}.tar.gz"
        with translated("s3", "PutObject"):
            self._s3().put_object(Bucket=self.artifact_bucket, Key=key, Body=packed(repository))
        request = AnalyzeRequest(
            **subject.model_dump(),
            archive=ArchivePlace(bucket=self.artifact_bucket, key=key),
            output=OutputPlace(bucket=self.artifact_bucket),
        )
        said = invoked(self.credentials, function, request.model_dump_json().encode())
        return AnalyzeResponse.model_validate_json(said)

    def _s3(self) -> Any:
        return aws_client(self.credentials, "s3")


def packed(folder: Path) -> bytes:
    """Return a folder's files as a gzipped tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
    return buffer.getvalue()
