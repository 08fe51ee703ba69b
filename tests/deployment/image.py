"""The image of the Dockerfile in a folder: its steps carried out without Docker."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from dockerfile_parse import DockerfileParser

from tests.servers import ROOT, find_free_port

DOCKERFILE = ROOT / "Dockerfile"


def list_steps(instruction: str) -> list[str]:
    """What follows every such instruction of the Dockerfile."""
    structure = DockerfileParser(path=str(DOCKERFILE.parent)).structure
    return [one["value"] for one in structure if one["instruction"] == instruction]


class Image:
    """A folder in place of the root directory, and a virtual environment in place of Python."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (workdir,) = list_steps("WORKDIR")
        self.app = self._place(workdir)
        self.app.mkdir()
        self.environment = {
            name: str(self._place(value)) if value.startswith("/") else value
            for name, value in DockerfileParser(path=str(DOCKERFILE.parent)).envs.items()
        }
        self.home = Path(self.environment["HOME"])
        self.python = folder / "python"
        subprocess.run([sys.executable, "-m", "venv", self.python], check=True)
        for step in list_steps("COPY"):
            self._copy(*step.split())
        for step in list_steps("RUN"):
            # A user is made in the image alone; of that the folder needs the home directory.
            if step.startswith("useradd "):
                self.home.mkdir()
            else:
                self.run("sh", "-c", step)
        self.files_when_made = self.list_files()

    def run(self, *command: str, **environment: str) -> str:
        """What a command prints that ends well."""
        return subprocess.run(
            command,
            check=True,
            cwd=self.app,
            env=self._clean_environment(environment),
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def start(self) -> "Container":
        """Run the image's own command on a free port."""
        port = str(find_free_port())
        environment = self._clean_environment({"PORT": port})
        (command,) = list_steps("CMD")
        process = subprocess.Popen(json.loads(command), cwd=self.app, env=environment)
        return Container(self, process, port)

    def list_files(self) -> dict[Path, int]:
        """Every file but those below the home directory, and its size."""
        return {
            path: path.lstat().st_size
            for top in (self.app, self.python)
            for path in top.rglob("*")
            if not path.is_dir()
        }

    def _place(self, path: str) -> Path:
        return self._folder / path.lstrip("/")

    def _clean_environment(self, given: dict[str, str]) -> dict[str, str]:
        """Nothing of ours: the Dockerfile's variables, these, and the image's programs first."""
        path = f"{self.python}/bin{os.pathsep}{os.defpath}"
        return {"PATH": path, **self.environment, **given}

    def _copy(self, source: str, target: str) -> None:
        """As .dockerignore has it, cached bytecode stays behind."""
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, self.app / target, ignore=ignored)
        else:
            shutil.copy(ROOT / source, self.app / target)


class Container:
    """The running command of an image."""

    def __init__(self, image: Image, process: subprocess.Popen, port: str) -> None:
        self._image = image
        self.process = process
        self.port = port

    def is_healthy(self) -> bool:
        """What the Dockerfile's own check says."""
        (step,) = list_steps("HEALTHCHECK")
        check = json.loads(re.sub(r"^.*?CMD\s+", "", step))
        try:
            self._image.run(*check, PORT=self.port)
        except subprocess.CalledProcessError:
            return False
        return True

    def wait_for_health(self) -> None:
        for _ in range(60):
            if self.is_healthy():
                return
            time.sleep(0.5)
        raise RuntimeError("expected the container to become healthy within 60 seconds")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
