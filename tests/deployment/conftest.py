"""What stands in front of the dashboard where many use it: nginx, and replicas behind it."""

from collections.abc import Callable, Iterator

import pytest

from tests.deployment.nginx import Nginx, find_nginx
from tests.required import NGINX, skip_unless_required
from tests.servers import Server

StartNginx = Callable[..., Nginx]


@pytest.fixture(scope="session")
def nginx_program() -> str:
    program = find_nginx()
    if program is None:
        skip_unless_required(NGINX, "nginx is not on this machine: apt install nginx")
    return program


@pytest.fixture(scope="module")
def start_nginx(nginx_program: str) -> Iterator[StartNginx]:
    """A function that starts nginx before given replicas."""
    running = []

    def start(replicas: list[Server], listen: str = "http") -> Nginx:
        running.append(Nginx(nginx_program, replicas, listen))
        return running[-1]

    yield start
    for nginx in running:
        nginx.stop()
