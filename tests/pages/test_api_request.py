"""The commands of the Draw page give its predictions, in every shell that is here."""

import ast
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.api.schemas import EXAMPLE_STROKES
from core.inference.inputs import ImageInput, StrokeInput
from core.models.files import RUNS_VARIABLE
from core.runs.access_keys import create_key, list_keys, revoke_key
from pages.parts.draw.commands import (
    DRAWING_FILE,
    MAX_INLINE_LENGTH,
    WRITERS,
    build_request,
    write_cmd,
    write_curl,
    write_powershell,
    write_python,
)
from pages.parts.draw.request import NO_KEY
from tests.core.runs.conftest import finish_run, make_run
from tests.pages.conftest import VISITOR, open_page
from tests.servers import Server

CMD_LIMIT = 8191  # characters
SHORT = StrokeInput([np.array(stroke, float) for stroke in EXAMPLE_STROKES], 18, 280)
LONG = StrokeInput([np.linspace((140.1, 40.2), (145.3, 240.7), 400)], 18, 280)


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def server(runs) -> Iterator[Server]:
    server = Server(**{RUNS_VARIABLE: str(runs)})
    yield server
    server.stop()


def draw_one() -> bytes:
    picture = Image.new("L", (100, 100), 255)
    picture.paste(0, (45, 15, 55, 85))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


ONE = draw_one()


def run(command: list[str] | str, folder: Path) -> str:
    """What a command prints: a list of arguments, or a line for the shell."""
    done = subprocess.run(
        command, cwd=folder, shell=isinstance(command, str), capture_output=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("shell", ["curl", "Windows (cmd)", "Python"])
@pytest.mark.parametrize(
    ("given", "digit"),
    [(SHORT, 4), (LONG, 1), (ImageInput(ONE, "one.png"), 1), (ImageInput(ONE, "a, b; c.png"), 1)],
    ids=["short drawing", "long drawing", "picture", "picture with an awkward name"],
)
def test_a_command_works(server, tmp_path, shell, given, digit):
    request = build_request(given, ["lenet5", "mlp"], api=f"{server.address}/api", key=None)
    if isinstance(given, ImageInput):
        # Quotes cannot be nested there.
        name = given.name if shell != "Windows (cmd)" else given.name.translate({44: "", 59: ""})
        request = replace(request, picture=name)
        (tmp_path / name).write_bytes(ONE)
    else:
        (tmp_path / DRAWING_FILE).write_text(request.drawing)
    text = WRITERS[shell](request)
    if shell == "Python":
        answer = ast.literal_eval(run([sys.executable, "-c", text], tmp_path))
    else:
        answer = json.loads(run(text, tmp_path))
    predictions = answer["results"][0]["predictions"]
    assert [one["model"] for one in predictions] == ["lenet5", "mlp"]
    assert predictions[0]["digit"] == digit


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_uses_a_run_with_a_key_and_is_refused_without(server, runs, tmp_path, monkeypatch):
    monkeypatch.setenv(RUNS_VARIABLE, str(runs))
    own = finish_run(make_run(owner=VISITOR))
    key = create_key(VISITOR, "curl")

    def ask(sent: str | None) -> dict[str, object]:
        request = build_request(SHORT, [own.id], api=f"{server.address}/api", key=sent)
        return json.loads(run(write_curl(request), tmp_path))

    assert ask(key)["results"][0]["predictions"][0]["model"] == own.id
    assert ask(None)["status"] == 422
    assert ask(key[:-1])["status"] == 401
    revoke_key(VISITOR, list_keys(VISITOR)[0].digest)
    assert ask(key)["status"] == 401


@pytest.mark.parametrize("write", [write_curl, write_cmd, write_powershell, write_python])
def test_a_long_drawing_is_a_file(write):
    request = build_request(LONG, ["all"], api="http://localhost:8501/api", key=NO_KEY)
    assert len(request.drawing) > CMD_LIMIT > MAX_INLINE_LENGTH
    text = write(request)
    assert DRAWING_FILE in text
    assert len(text) < 1000


def test_powershell_quotes_a_single_quote_by_doubling_it():
    request = build_request(ImageInput(ONE, "Anna's.png"), ["mlp"], api="http://a/api", key="k")
    assert write_powershell(request) == (
        "curl.exe 'http://a/api/predict?model=mlp' '-H' 'Authorization: Bearer k' "
        "'-F' 'files=@Anna''s.png'"
    )


def test_powershell_sends_a_drawing_with_a_key():
    request = build_request(SHORT, ["mlp"], api="http://a/api", key="k")
    assert write_powershell(request) == (
        "Invoke-RestMethod 'http://a/api/predict/strokes?model=mlp' -Method Post "
        "-Headers @{Authorization = 'Bearer k'} -ContentType 'application/json' "
        f"-Body '{request.drawing}' | ConvertTo-Json -Depth 9"
    )


def test_no_command_needs_a_new_curl():
    for given in (SHORT, LONG, ImageInput(ONE, "one.png")):
        request = build_request(given, ["all"], api="http://a/api", key="k")
        assert "--json" not in "".join(write(request) for write in WRITERS.values())


def read_command(app) -> str:
    return next(code.value for code in app.code if code.value.startswith("curl "))


def test_the_page_names_a_key_only_for_runs_and_shows_the_new_one():
    mine = finish_run(make_run(owner=VISITOR, name="My net"))
    app = open_page("draw.py", predict="One model", tab="API")
    app.button(key="sample").click().run()
    assert "Bearer" not in read_command(app)
    app.selectbox(key="model").set_value(mine.id).run()
    assert NO_KEY in read_command(app)
    app.switch_page("runs.py").run()
    app.text_input(key="key_name").set_value("My script")
    app.button(key="make_key_now").click().run()
    (key,) = list_keys(VISITOR)
    assert key.name == "My script"
    new = next(code.value for code in app.code if code.value.startswith("digitlab_"))
    app.switch_page("draw.py").run()
    app.button(key="sample").click().run()
    app.selectbox(key="model").set_value(mine.id).run()
    assert new in read_command(app)


def test_a_key_is_revoked_on_the_runs_page():
    create_key(VISITOR, "Old laptop")
    app = open_page("runs.py")
    assert any("Old laptop, made on" in text.value for text in app.text)
    (key,) = list_keys(VISITOR)
    app.button(key=f"revoke_{key.digest}").click().run()
    assert app.toast[0].value.startswith("Revoked")
    assert list_keys(VISITOR) == []


def test_a_key_without_a_name_is_refused_in_words():
    app = open_page("runs.py")
    app.button(key="make_key_now").click().run()
    assert "name of a key" in app.toast[0].value
    assert list_keys(VISITOR) == []
