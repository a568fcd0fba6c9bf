# The image of workers and flow runs: Prefect, the flows, Terraform and its AWS provider. A flow run
# in it downloads nothing. `make image` builds it, twice the same; infrastructure/README.md tells how
# it is pushed and named.

# One release of Python, with and without what builds: change both at once.
ARG BUILD_IMAGE=python:3.11.15-bookworm@sha256:a8f8fbe1a0edc9e4dddafa64ba73f7e04be7be5ebc23f332362e779e0a2e4e52
ARG RUNTIME_IMAGE=python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

# ---- Terraform's release by its checksum, the provider by its publisher's signature, unpacked
FROM ${BUILD_IMAGE} AS download
WORKDIR /download
COPY setup/terraform_release.py ./
RUN python terraform_release.py /out
COPY infrastructure/registry/versions.tf ./
RUN CHECKPOINT_DISABLE=1 /out/terraform init -backend=false -input=false \
    && mv .terraform/providers /out/providers

# Where nothing can be downloaded, `--build-context tools=FOLDER` gives both instead: the program
# `terraform`, and `providers/` as a filesystem mirror.
FROM scratch AS tools
COPY --from=download /out /

# ---- the packages that the lock pins for running, and the project
FROM ${BUILD_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
WORKDIR /build
COPY requirements.lock pyproject.toml setup/locked_packages.py ./
RUN python locked_packages.py requirements.lock uv >uv.txt \
    && python locked_packages.py requirements.lock pyproject.toml >needed.txt \
    && python -m pip install --quiet --no-deps --require-hashes --requirement uv.txt \
    && python -m venv --without-pip /opt/venv \
    && uv pip install --quiet --python /opt/venv --no-deps --require-hashes --only-binary :all: \
        --link-mode copy --requirement needed.txt
COPY . /opt/delightful
# Compiled bytes know their source by its hash: every file's time is set to 0 afterwards. Some
# packages carry a file for a later Python, which this one does not compile.
ENV PYTHONHASHSEED=0
RUN cd /opt/delightful && rm -r setup requirements.lock pyproject.toml \
    && chmod -R u=rwX,go=rX /opt/delightful \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/delightful \
    && { python -m compileall -qq --invalidation-mode unchecked-hash /opt/venv/lib || true; }

# ---- what runs
FROM ${RUNTIME_IMAGE}
ARG SOURCE=""
ARG REVISION=""
ARG VERSION=""
LABEL org.opencontainers.image.title="delightful worker" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.version="${VERSION}"

# Of git only the program: what the flows ask needs neither its scripts nor perl.
COPY --from=build /usr/bin/git /usr/bin/git
COPY --from=tools /terraform /usr/local/bin/terraform
COPY --from=tools /providers /opt/terraform/providers
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/delightful /opt/delightful
COPY --chmod=644 setup/worker.terraformrc /home/worker/.terraformrc

# Repositories are mounted, and seldom belong to this user.
RUN echo "worker:x:10001:10001::/home/worker:/usr/sbin/nologin" >>/etc/passwd \
    && echo "worker:x:10001:" >>/etc/group \
    && chown -R 10001:10001 /home/worker \
    && git config --system --add safe.directory "*"

ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/delightful \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/home/worker \
    DO_NOT_TRACK=1
USER 10001:10001
WORKDIR /opt/delightful
CMD ["prefect", "flow-run", "execute"]
