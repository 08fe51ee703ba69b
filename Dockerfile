# Digit Lab as one container: pages and API, without TensorFlow, as a user who may write to /data
# alone. tests/deployment/test_dockerfile.py carries out these steps where there is no Docker.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ARROW_DEFAULT_MEMORY_POOL=system \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none \
    STREAMLIT_SERVER_HEADLESS=true \
    HOME=/data \
    PORT=8501

# Kept drawings, runs and downloaded digits are below the home directory. Spaces expect user 1000.
RUN useradd --uid 1000 --home-dir /data --create-home digitlab

WORKDIR /app
COPY requirements-serve.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements-serve.txt
COPY .streamlit/ .streamlit/
COPY artifacts/ artifacts/
COPY core/ core/
COPY pages/ pages/
COPY streamlit_app.py ./

USER 1000
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/api/health', timeout=4)"]
# The shell gives its place to Streamlit, which so gets the signal to stop.
CMD ["sh", "-c", "exec streamlit run streamlit_app.py --server.port=\"$PORT\""]
