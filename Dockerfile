# The scheduler in a small image. Build it with `make image`, then for instance:
#
#   docker run --rm --stop-timeout 10 \
#       --volume "$PWD/jobs:/srv/orchestrate/jobs:ro" --volume orchestrate-ledger:/srv/orchestrate/.orchestrate \
#       --env CI_PIPELINE_TOKEN --env CI_PROJECT_ID=4242 --env CI_COMMIT_REF_NAME=main orchestrate
#
# As the image of a GitLab CI job, it needs `entrypoint: ['']`, because GitLab starts a shell in it.

FROM swift:6.3-bookworm AS build

# The -dev packages bring the static archives too. Their versions are not pinned: Debian removes a version
# when a security update replaces it, and the build would fail for no other reason.
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

# Time zones and the certificates of the usual authorities: all that the static binary reads from the system.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin orchestrate \
    && install --directory --owner orchestrate --group orchestrate /srv/orchestrate/.orchestrate

COPY --from=build /src/dist/orchestrate /usr/local/bin/orchestrate

# By number, so that a cluster can see that it is not root.
USER 10001:10001
WORKDIR /srv/orchestrate

# A CI job sets both of these itself; elsewhere there is no CI job, which the empty id says.
ENV MELT_JOBS_HOME=jobs CI_JOB_ID=

# The ledger. Without a named volume here each container would start from an empty one.
VOLUME /srv/orchestrate/.orchestrate

# Asks the scheduler to finish its requests and close the ledger; that takes at most 8 seconds.
STOPSIGNAL SIGTERM
# Unhealthy when no scheduler runs on the ledger, or when it has given no sign of life for three minutes.
HEALTHCHECK --interval=1m --timeout=10s --start-period=1m CMD ["orchestrate", "status", "--check"]

ENTRYPOINT ["orchestrate"]
CMD ["run"]
