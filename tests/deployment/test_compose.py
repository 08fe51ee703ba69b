"""compose.yaml: the replicas that nginx knows, nothing else in reach, and no secret in it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.api.settings import ORIGINS_VARIABLE, Settings, name_variable
from tests.deployment.image import list_steps
from tests.deployment.nginx import SETTINGS
from tests.servers import ROOT

TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
REPLICAS = {name: one for name, one in SERVICES.items() if "build" in one}
SECRETS = ("POSTGRES_PASSWORD", "STREAMLIT_SERVER_COOKIE_SECRET")
# What compose.yaml asks of its environment, and what it takes where nothing is set.
VARIABLES = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def list_mounts(service: str) -> dict[str, str]:
    """The sources of what is mounted, by the place in the container."""
    mounts = [VARIABLES.sub(r"\3", one).split(":") for one in SERVICES[service]["volumes"]]
    return {target: source for source, target, *_ in mounts}


def test_the_replicas_are_those_that_nginx_knows():
    replicas_conf = (SETTINGS / "replicas.conf").read_text("utf-8")
    (port,) = list_steps("EXPOSE")
    assert set(re.findall(r"(\w+) (\w+):(\d+);", replicas_conf)) == {
        (name, name, port) for name in REPLICAS
    }
    blocks = re.findall(r"\{(.*?)\}", replicas_conf, re.DOTALL)
    assert len(blocks) == 3
    assert all(set(re.findall(r"\bapp\d+\b", block)) == set(REPLICAS) for block in blocks)


def test_whoever_takes_the_place_of_a_replica_the_others_come_after():
    replicas_conf = (SETTINGS / "replicas.conf").read_text("utf-8")
    follows = dict(re.findall(r"^    (app\d+) (app\d+);", replicas_conf, re.MULTILINE))
    first = next(iter(REPLICAS))
    chain = [first]
    while follows[chain[-1]] != first:
        chain.append(follows[chain[-1]])
    assert sorted(chain) == sorted(REPLICAS)


def test_several_replicas_share_a_database_and_a_secret():
    assert len(REPLICAS) >= 3
    first, *others = (one["environment"] for one in REPLICAS.values())
    assert all(one == first for one in others)
    assert "${STREAMLIT_SERVER_COOKIE_SECRET:?" in first["STREAMLIT_SERVER_COOKIE_SECRET"]
    assert "${POSTGRES_PASSWORD:?" in first["DIGITLAB_DATABASE_URL"]
    assert first["DIGITLAB_DATABASE_URL"].endswith("@database/digitlab")


def test_replicas_have_the_usual_rate_limit_and_no_other_sites_unless_they_are_set():
    environment = next(iter(REPLICAS.values()))["environment"]
    defaults = {name: VARIABLES.sub(r"\3", str(value)) for name, value in environment.items()}
    limit = defaults[name_variable("max_requests_per_second")]
    assert int(limit) == Settings().max_requests_per_second
    assert defaults[ORIGINS_VARIABLE] == ""


def test_only_nginx_can_be_reached_and_not_the_database_from_there():
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["nginx"]
    assert not set(SERVICES["nginx"]["networks"]) & set(SERVICES["database"]["networks"])
    assert COMPOSE["networks"]["back"] == {"internal": True}


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_may_do_no_more_than_it_must(service):
    container = SERVICES[service]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "cap_add" not in container
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert "build" in container or container["user"] != "root"


def test_nginx_runs_the_configuration_that_the_tests_run():
    mounts = list_mounts("nginx")
    command = SERVICES["nginx"]["command"]
    folder = Path(command[command.index("-c") + 1]).parent
    for name, source in (
        ("nginx.conf", "nginx.conf"),
        ("replicas.conf", "replicas.conf"),
        ("listen.conf", "listen/http.conf"),
    ):
        assert (ROOT / mounts[str(folder / name)]).samefile(SETTINGS / source)
    assert (ROOT / mounts[str(folder / "certificates")]).is_dir()
    prefix = command[command.index("-p") + 1].rstrip("/")
    assert prefix in SERVICES["nginx"]["tmpfs"]


def test_nginx_waits_for_every_replica():
    waits = SERVICES["nginx"]["depends_on"]
    assert waits == {name: {"condition": "service_healthy"} for name in REPLICAS}
    for replica in REPLICAS.values():
        assert replica["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert list_steps("HEALTHCHECK")
    assert "healthcheck" in SERVICES["database"]


def test_no_secret_is_in_the_repository():
    asked = {name: (kind, default) for name, kind, default in VARIABLES.findall(TEXT)}
    assert all(asked[name][0] == "?" for name in SECRETS)
    example = dict(
        line.split("=", 1)
        for line in (ROOT / "deploy/example.env").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert example == {
        name: "" if kind == "?" else default for name, (kind, default) in asked.items()
    }
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
