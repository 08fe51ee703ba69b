"""The head of the README, by which Hugging Face makes a Space of the repository."""

import yaml

from tests.deployment.image import list_steps
from tests.servers import ROOT

# https://huggingface.co/docs/hub/spaces-config-reference
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
MAX_DESCRIPTION_LENGTH = 60


def test_the_readme_describes_the_space_that_the_dockerfile_makes():
    _, head, text = (ROOT / "README.md").read_text("utf-8").split("---\n", 2)
    space = yaml.safe_load(head)
    assert space["sdk"] == "docker"
    assert [str(space["app_port"])] == list_steps("EXPOSE")
    assert {space["colorFrom"], space["colorTo"]} <= COLOURS
    assert len(space["short_description"]) <= MAX_DESCRIPTION_LENGTH
    assert space["license"] == "mit"
    assert text.strip().startswith(f"# {space['title']}\n")
    # Hugging Face runs every container as this user.
    assert list_steps("USER") == ["1000"]
