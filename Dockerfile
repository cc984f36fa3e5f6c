# What builds and compiles stays behind; the image holds the environment, the code and the page only.
FROM node:22-slim AS page
WORKDIR /app/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend .
RUN npm run build

FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.txt .
RUN python -m venv venv && venv/bin/pip install --no-cache-dir --requirement requirements.txt

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
    LOG_FORMAT=json
VOLUME /app/state
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["python", "-m", "backend", "serve", "--host", "0.0.0.0"]
