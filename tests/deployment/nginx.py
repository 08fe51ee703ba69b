"""nginx with the configuration of the deployment, in front of replicas on this machine."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.servers import ROOT, Server, find_free_port

SETTINGS = ROOT / "deploy/nginx"


def find_nginx() -> str | None:
    """The program, which Debian puts where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def replace_ports(text: str, ports: dict[str, str]) -> str:
    """The text with other ports; every one of them must be in it."""
    for old, new in ports.items():
        assert old in text, f"expected {old} in a file of {SETTINGS}"
        text = text.replace(old, new)
    return text


class Nginx:
    """Runs ``deploy/nginx`` as compose.yaml does, with the replicas and ports of a test.

    The third replica of the deployment is one that nobody has started.
    """

    def __init__(self, program: str, replicas: Sequence[Server], listen: str = "http") -> None:
        self.ports = {"8080": find_free_port(), "8443": find_free_port()}
        scheme, port = ("https", "8443") if listen == "https" else ("http", "8080")
        self.address = f"{scheme}://127.0.0.1:{self.ports[port]}"
        # Not below pytest's directory, which only its owner may enter: root gives work to nobody.
        self._folder = Path(tempfile.mkdtemp(prefix="digitlab-nginx-"))
        self._folder.chmod(0o755)
        shutil.copy(SETTINGS / "nginx.conf", self._folder)
        self._write_replicas(replicas)
        self._write_listen(listen)
        self._process = subprocess.Popen(
            [program, "-e", "stderr", "-p", f"{self._folder}/", "-c", self._folder / "nginx.conf"],
            stderr=(self._folder / "log").open("wb"),
        )
        self._wait_until_it_listens()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        shutil.rmtree(self._folder)

    def _write_replicas(self, replicas: Sequence[Server]) -> None:
        addresses = [f"127.0.0.1:{one.port}" for one in replicas]
        addresses += [f"127.0.0.1:{find_free_port()}"] * (3 - len(replicas))
        text = (SETTINGS / "replicas.conf").read_text("utf-8")
        names = {f"app{i}:8501;": f"{address};" for i, address in enumerate(addresses, 1)}
        (self._folder / "replicas.conf").write_text(replace_ports(text, names), "utf-8")

    def _write_listen(self, listen: str) -> None:
        text = (SETTINGS / f"listen/{listen}.conf").read_text("utf-8")
        ports = {old: f"127.0.0.1:{new}" for old, new in self.ports.items() if old in text}
        (self._folder / "listen.conf").write_text(replace_ports(text, ports), "utf-8")
        if listen == "https":
            self._make_certificate()

    def _make_certificate(self) -> None:
        folder = self._folder / "certificates"
        folder.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
            check=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _wait_until_it_listens(self) -> None:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.ports["8080"]), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"nginx did not start: {(self._folder / 'log').read_text()}")
