# What builds and compiles stays behind; the image holds the environment, the code and the page only.
FROM node:22-slim AS page
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend .
RUN npm run build

FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements*.lock ./
# What others want besides: --build-arg EXTRAS="tracing vectors" (vectors need 91 MB).
ARG EXTRAS=""
RUN python -m venv venv && set -- --requirement requirements.lock \
    && for extra in $EXTRAS; do set -- "$@" --requirement "requirements-$extra.lock"; done \
    && venv/bin/pip install --no-cache-dir --require-hashes "$@"

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 guru && mkdir -p /app/state && chown guru /app/state
WORKDIR /app
COPY --from=build /app/venv venv
COPY alembic.ini .
COPY alembic alembic
COPY backend backend
COPY data data
# Nothing is written here later: without its bytecode each start would compile the code anew.
RUN venv/bin/python -m compileall -q backend alembic
COPY --from=page /app/frontend/out frontend/out
USER guru
ENV PATH=/app/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////app/state/au_guru.db \
    KNOWLEDGE_CACHE_DIR=/app/state/au_guru.cache \
    LOG_FORMAT=json
VOLUME /app/state
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.getenv('PORT') or 8000}/health\", timeout=2)"]
CMD ["python", "-m", "backend", "serve", "--host", "0.0.0.0"]
