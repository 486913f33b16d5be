# The scheduler in a small image. Build it with `make image`, then for instance:
#
#   docker run --rm --stop-timeout 10 \
#       --volume "$PWD/jobs:/srv/orchestrate/jobs:ro" --volume orchestrate-ledger:/srv/orchestrate/.orchestrate \
#       --env CI_PIPELINE_TOKEN --env CI_PROJECT_ID=4242 --env CI_COMMIT_REF_NAME=main orchestrate
#
# As the image of a GitLab CI job, it needs `entrypoint: ['']`, because GitLab starts a shell in it, which scheduler-ci.yml
# sets, and `docker: {user: root}`, because the user below may not write what GitLab restores from a cache.

FROM swift:6.3-bookworm AS build

# The -dev packages also contain the static archives. Their versions are not pinned: Debian removes a version
# when a security update replaces it, and the build would fail.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates g++ git libsqlite3-dev libyaml-dev make pkg-config tzdata zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY . .
RUN make release


# The same Debian release as the builder's, because the binary takes glibc from here.
FROM debian:bookworm-slim

LABEL org.opencontainers.image.title="orchestrate" \
    org.opencontainers.image.description="A cron scheduler that starts GitLab pipelines and can say what became of every fire time" \
    org.opencontainers.image.licenses="MIT"

# Time zones and the usual certificates. The static binary reads nothing else from the system.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin orchestrate \
    && install --directory --owner orchestrate --group orchestrate /srv/orchestrate/.orchestrate

COPY --from=build /src/dist/orchestrate /usr/local/bin/orchestrate

# By number, so that a cluster can see that the user is not root.
USER 10001:10001
WORKDIR /srv/orchestrate

# A CI job sets both itself. The empty id means that there is no CI job.
ENV MELT_JOBS_HOME=jobs CI_JOB_ID=

# The ledger. Without a named volume each container starts with an empty ledger.
VOLUME /srv/orchestrate/.orchestrate

# The scheduler then finishes its requests and closes the ledger, which takes at most 8 seconds.
STOPSIGNAL SIGTERM
# Unhealthy if no scheduler runs on the ledger, or if it has given no sign of life for three minutes.
HEALTHCHECK --interval=1m --timeout=10s --start-period=1m CMD ["orchestrate", "status", "--check"]

ENTRYPOINT ["orchestrate"]
CMD ["run"]
