"""Commands: a request to the API, written for each shell.

A drawing is part of the command, or in a file beside it where that would be too long: Windows takes
8,191 characters. No command needs more than curl 7.10, PowerShell 5.1 or the requests package.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np

from core.inference.inputs import ImageInput, NumberInput

MAX_INLINE_LENGTH = 2000  # characters of JSON in a command
DRAWING_FILE = "drawing.json"
JSON_TYPE = "application/json"


@dataclass(frozen=True)
class ApiRequest:
    """A request for a prediction.

    Attributes:
        url: with its query.
        picture: the name of the picture to send; None for a drawing.
        drawing: the JSON of the drawing to send; None for a picture.
        key: the access key to send; None where none is needed.
    """

    url: str
    picture: str | None = None
    drawing: str | None = None
    key: str | None = None

    @property
    def is_in_file(self) -> bool:
        """Whether the drawing is too long to be part of a command."""
        return self.drawing is not None and len(self.drawing) > MAX_INLINE_LENGTH


def build_request(
    given: NumberInput, model_ids: Sequence[str], *, api: str, key: str | None
) -> ApiRequest:
    """The request that returns these models' predictions from the API at an address."""
    query = urlencode([("model", model_id) for model_id in model_ids])
    if isinstance(given, ImageInput):
        return ApiRequest(f"{api}/predict?{query}", picture=given.name, key=key)
    drawing = json.dumps({"strokes": [np.asarray(stroke).tolist() for stroke in given.strokes]})
    return ApiRequest(f"{api}/predict/strokes?{query}", drawing=drawing, key=key)


def write_curl(request: ApiRequest) -> str:
    """For the shells of Linux and macOS."""
    inline = None if request.is_in_file else request.drawing
    return " ".join(["curl", *map(shlex.quote, _list_curl_arguments(request, inline))])


def write_cmd(request: ApiRequest) -> str:
    """For the Command Prompt of Windows; it quotes nothing inside quotes, so drawings are files."""
    arguments = (f'"{one}"' for one in _list_curl_arguments(request, None, quote_name=False))
    return " ".join(["curl", *arguments])


def write_powershell(request: ApiRequest) -> str:
    """For PowerShell. Its Invoke-RestMethod sends pictures only from version 7 on, curl always."""
    if request.picture is not None:
        arguments = _list_curl_arguments(request, None, quote_name=False)
        return " ".join(["curl.exe", *map(_quote_powershell, arguments)])
    parts = ["Invoke-RestMethod", _quote_powershell(request.url), "-Method Post"]
    if request.key is not None:
        bearer = _quote_powershell(f"Bearer {request.key}")
        parts.append(f"-Headers @{{Authorization = {bearer}}}")
    parts.append(f"-ContentType '{JSON_TYPE}'")
    if request.is_in_file:
        parts.append(f"-InFile {DRAWING_FILE}")
    else:
        parts.append(f"-Body {_quote_powershell(request.drawing or '')}")
    return " ".join([*parts, "| ConvertTo-Json -Depth 9"])


def write_python(request: ApiRequest) -> str:
    """For Python with the requests package."""
    headers = {} if request.key is None else {"Authorization": f"Bearer {request.key}"}
    lines = ["import requests", "", f"url = {json.dumps(request.url)}"]
    if headers:
        lines.append(f"headers = {json.dumps(headers)}")
    options = ", headers=headers" if headers else ""
    if request.picture is not None:
        lines += [
            f"with open({request.picture!r}, 'rb') as picture:",
            f"    response = requests.post(url, files={{'files': picture}}{options})",
        ]
    elif request.is_in_file:
        lines[0] = "import json\n\nimport requests"
        lines += [
            f"with open({DRAWING_FILE!r}) as file:",
            f"    response = requests.post(url, json=json.load(file){options})",
        ]
    else:
        lines.append(f"response = requests.post(url, json={request.drawing}{options})")
    return "\n".join([*lines, "print(response.json())"])


WRITERS: Mapping[str, Callable[[ApiRequest], str]] = {
    "curl": write_curl,
    "Windows (cmd)": write_cmd,
    "PowerShell": write_powershell,
    "Python": write_python,
}


def _list_curl_arguments(
    request: ApiRequest, inline: str | None, *, quote_name: bool = True
) -> list[str]:
    arguments = [request.url]
    if request.key is not None:
        arguments += ["-H", f"Authorization: Bearer {request.key}"]
    if request.picture is None:
        return [*arguments, "-H", f"Content-Type: {JSON_TYPE}", "-d", inline or f"@{DRAWING_FILE}"]
    name = request.picture
    if quote_name:  # as curl does: a name may have a comma or a semicolon
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return [*arguments, "-F", f"files=@{name}"]


def _quote_powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
