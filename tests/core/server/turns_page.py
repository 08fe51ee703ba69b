"""A page that takes a turn: it writes as much as the Draw page, and keeps the processor busy."""

import time
import uuid

import streamlit as st

from core.server import turns
from tests.core.server import turns_record

MESSAGES = 20
SECONDS = 0.1

with turns.serialised():
    late = len(turns_record.ended - turns_record.sent)
    marker = f"last-message-{uuid.uuid4().hex}"
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        pass
    for number in range(MESSAGES):
        st.markdown(f"{number}")
    st.markdown(f"others-late-{late}")
    st.markdown(marker)
    if turns._lock.waiting:  # otherwise the turn does not wait either
        turns_record.ended.add(marker)
    st.markdown(f"others-waiting-{turns._lock.waiting}")
