# The interpreter that the tests run on; wheels for it are in the lock.
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --only-binary :all: --require-hashes -r requirements.lock \
    && ln -s "$(/venv/bin/python -c 'import codex_cli_bin; print(codex_cli_bin.bundled_codex_path())')" /venv/bin/codex


FROM python:3.11-slim-bookworm

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
RUN /venv/bin/python -m compileall -q bot cogs mcp_servers

# /data is the bot's home too: `codex login` in the container writes there and outlives it.
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
    CMD ["python", "-m", "bot", "healthcheck"]
CMD ["python", "-m", "bot"]
