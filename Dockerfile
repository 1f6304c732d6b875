# The interpreter that the tests run on; wheels for it are in the lock. How the digests are renewed:
# docs/decisions/2026-11-30-images-by-digest.md
FROM python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --only-binary :all: --require-hashes -r requirements.lock \
    && ln -s "$(/venv/bin/python -c 'import codex_cli_bin; print(codex_cli_bin.bundled_codex_path())')" /venv/bin/codex


FROM python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# A fixed id, so that folders mounted from the host can be given to it.
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin troupe \
    && install -d -o troupe -g troupe /data /characters

COPY --from=build /venv /venv
WORKDIR /app
COPY LICENSE ./
COPY bot ./bot
COPY cogs ./cogs
COPY mcp_servers ./mcp_servers
COPY --chown=troupe:troupe characters /characters
# `troupe doctor` and the others by name; by `in-image` they know how a person calls them here.
RUN /venv/bin/python -m compileall -q bot cogs mcp_servers \
    && printf '#!/bin/sh\nPYTHONPATH=/app exec /venv/bin/python -m bot "$@"\n' > /venv/bin/troupe \
    && chmod 755 /venv/bin/troupe \
    && touch in-image

# /data is the bot's home too: a login in the container is written there and outlives it.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    DATA_DIR=/data \
    CHARACTERS_DIR=/characters

USER 10001
VOLUME ["/data", "/characters"]
EXPOSE 8642
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["troupe", "healthcheck"]
# An engine starts again whatever has ended: without a login or a setting the bot waits for it.
CMD ["troupe", "run", "--wait"]
