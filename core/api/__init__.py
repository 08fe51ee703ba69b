"""The REST API: the same readings that the pages show, for other programs.

``streamlit_app.py`` mounts it at ``/api``; ``uvicorn core.api:api`` serves it alone. It knows
neither Streamlit nor TensorFlow, keeps nothing that is sent to it, and writes no file.
"""

from core.api.application import api

__all__ = ["api"]
