"""The photograph of digits, where the browser allows the page to use the camera."""

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from pages.parts.draw.upload import forget_removed, show_uploader

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


# Keys of the session: of the camera, and of the uploader of a photograph from before.
CAMERA, PHOTOGRAPH = "camera", "photograph"
LABEL = "A photograph of one or more digits"


def take_photograph() -> "UploadedFile | None":
    """The photograph that the visitor has taken; None where there is none, or no camera.

    A camera cannot be given a photograph from before. An uploader, hidden while it is empty, can.
    """
    if allows_camera(st.context.url):
        kept = show_uploader(LABEL, key=PHOTOGRAPH, camera=CAMERA)
        return kept or st.camera_input(LABEL, key=CAMERA, on_change=forget_removed, args=(CAMERA,))
    st.info(
        "Browsers allow the camera over HTTPS only. Open this page at an address that begins with "
        "https://, or upload a picture.",
        icon=":material/no_photography:",
    )
    return None


def allows_camera(url: str | None) -> bool:
    """Whether browsers regard the address of a page as secure; an unknown one may be.

    By https://w3c.github.io/webappsec-secure-contexts, addresses of the own machine are.
    """
    if url is None:
        return True
    address = urlsplit(url)
    host = address.hostname or ""
    if address.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
