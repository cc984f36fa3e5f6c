"""An nginx before a service of the tests: that of `deploy/nginx.conf`, or another site."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import ROOT, free_port, wait_for_port

CONFIG = ROOT / "deploy" / "nginx.conf"
_AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    include {folder}/site.conf;
}}
"""


@contextmanager
def deployed_nginx(folder: Path, *services: str) -> Iterator[str]:
    """Run it before these addresses until the block ends; gives its own."""
    port = free_port()
    text = CONFIG.read_text()
    assert "server service:8000;" in text
    assert "listen 80;" in text
    servers = " ".join(f"server {service};" for service in services)
    text = text.replace("server service:8000;", servers)
    site = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    with running_nginx(folder, site, port=port) as address:
        yield address


@contextmanager
def running_nginx(folder: Path, site: str, *, port: int) -> Iterator[str]:
    """Run nginx with this site, which listens on `port`; gives its address."""
    (folder / "site.conf").write_text(site)
    main = folder / "nginx.conf"
    main.write_text(_AROUND.format(folder=folder))
    nginx = subprocess.Popen(["nginx", "-c", str(main)])  # noqa: S607 - wherever it is installed
    try:
        wait_for_port(port, nginx)
        yield f"http://127.0.0.1:{port}"
    finally:
        nginx.terminate()
        nginx.wait()
