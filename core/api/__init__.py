"""The REST API: the predictions that the pages show, for other programs.

``streamlit_app.py`` mounts it at ``/api``; ``uvicorn core.api:api`` serves it alone. It imports
neither Streamlit nor TensorFlow, and stores nothing that is sent to it.
"""

from core.api.application import api

__all__ = ["api"]
