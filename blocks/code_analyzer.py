"""The analyzer, called in this process or as the Lambda function that runs the same code."""

import hashlib
import io
import os
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from prefect.blocks.core import Block
from prefect_aws import AwsCredentials
from pydantic import Field, HttpUrl, JsonValue

from analyzer.lambda_functions import (
    AnalyzedCommit,
    AnalyzeRequest,
    AnalyzeResponse,
    ArchivePlace,
    OutputPlace,
    analyzed,
)
from analyzer.model.key import secret_model
from analyzer.model.result import Model
from analyzer.output import write_variables
from analyzer.tree import SourceTree
from blocks.aws import aws_client, translated
from blocks.lambda_call import invoked
from blocks.source_archives import SourceArchives
from delightful.errors import Refused
from delightful.reading.json import MAX_BYTES, read_json
from delightful.recommendation import WrittenVariables
from delightful.source_place import SourcePlace
from delightful.variables import variables_in

KEY_ARN_PATTERN = (
    r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}$"
)


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
    language_model_key_arn: str | None = Field(
        default=None,
        pattern=KEY_ARN_PATTERN,
        description="Secret with the key of a model to ask in process, or none to ask none.",
    )
    language_model: str | None = Field(
        default=None, max_length=60, description="Model that is asked, or none for the default."
    )

    def analyze(
        self,
        subject: AnalyzedCommit,
        repository: Path,
        folder: Path,
        archive: SourcePlace | None = None,
    ) -> AnalyzeResponse:
        """Analyze a commit's files and write its variables to S3; asking twice is the same.

        `repository` is the root of its files, `folder` the service's own below it, `archive` where
        they lie in S3 already: the function reads that, and else what is left there for it.

        Raises:
            ConfigError: the files or the manifest are at fault.
            ExternalError: AWS refused.
        """
        if self.function_name is None:
            return self._in_process(subject, SourceTree.of_folder(folder, repository))
        inside = folder.resolve().relative_to(repository.resolve()).as_posix()
        placed = subject.model_copy(update={"folder": "" if inside == "." else inside})
        return self._by_function(
            self.function_name, placed, archive or self._left(placed, repository)
        )

    def variables(self, written: WrittenVariables) -> dict[str, JsonValue]:
        """Return the variables of one analysis, from the very version that it wrote.

        Raises:
            Refused: E_CHANGED, what lies there is not what was written.
            ConfigError: E_TFVARS or what reading JSON raises.
            ExternalError: AWS refused.
        """
        version = {"VersionId": written.version_id} if written.version_id else {}
        with translated("S3", "GetObject"):
            found = self._s3().get_object(Bucket=written.bucket, Key=written.key, **version)
            data = found["Body"].read(MAX_BYTES + 1)
        if hashlib.sha256(data).hexdigest() != written.sha256:
            raise Refused(
                "E_CHANGED",
                f"{written.place} is not what the analyzer wrote: its sha256 differs",
                hint="find out who writes there, then deploy again: the commit is analyzed anew",
            )
        return variables_in(read_json(data, written.place), written.place)

    def _in_process(self, subject: AnalyzedCommit, tree: SourceTree) -> AnalyzeResponse:
        recommendation = analyzed(tree, subject, self._model())
        with translated("s3", "PutObject"):
            written = write_variables(self._s3(), self.artifact_bucket, recommendation)
        return AnalyzeResponse(recommendation=recommendation, written=written)

    def _model(self) -> Model | None:
        if self.language_model_key_arn is None:
            return None
        secrets = aws_client(self.credentials, "secretsmanager")
        return secret_model(secrets, self.language_model_key_arn, os.environ, self.language_model)

    def _by_function(
        self, function: str, subject: AnalyzedCommit, archive: SourcePlace
    ) -> AnalyzeResponse:
        request = AnalyzeRequest(
            **subject.model_dump(),
            archive=ArchivePlace(bucket=archive.bucket, key=archive.key),
            output=OutputPlace(bucket=self.artifact_bucket),
        )
        said = invoked(self.credentials, function, request.model_dump_json().encode())
        return AnalyzeResponse.model_validate_json(said)

    def _left(self, subject: AnalyzedCommit, repository: Path) -> SourcePlace:
        archives = SourceArchives(credentials=self.credentials, bucket=self.artifact_bucket)
        place = archives.place(subject.service, subject.commit)
        with tempfile.TemporaryDirectory(prefix="delightful-source-") as scratch:
            archive = Path(scratch, "archive.tar.gz")
            archive.write_bytes(packed(repository))
            archives.keep(place, archive, subject.folder)
        return place

    def _s3(self) -> Any:
        return aws_client(self.credentials, "s3")


def packed(folder: Path) -> bytes:
    """Return a folder's files as a gzipped tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
    return buffer.getvalue()
