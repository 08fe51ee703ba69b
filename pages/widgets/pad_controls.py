"""The controls of a pad in the browser: its buttons, keys, one pointer, a kept drawing.

The scripts beside this module do the work, and say how. This module does not know what is drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

# Labels of the canvas's own buttons, which ours press; our labels; what our buttons say when the
# mouse rests on them; our icons, paths of 24×24 units.
BUTTONS = (
    ("Undo", "Undo", "Undo (Ctrl+Z)", "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-2"),
    ("Redo", "Redo", "Redo (Ctrl+Y)", "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h2"),
    (
        "Edit",
        "Move strokes",
        "Move strokes",
        "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
    ),
    (
        "Edit",
        "Erase strokes",
        "Erase strokes (E)",
        "M8 20 3 15l11-11 7 7-9 9ZM9 9l7 7M8 20h13",
    ),
    ("Delete selected", "Delete stroke", "Delete stroke (Delete)", "M6 6l12 12M18 6 6 18"),
)

ERASER = "Erase strokes"  # moves nothing, although it presses the same button
SCRIPTS = tuple(
    f"pad_{name}.js" for name in ("leaving", "gesture", "eraser", "ink", "memory", "controls")
)
CSS = """
.pad-controls { display: flex; gap: 0.25rem; }
button { display: flex; align-items: center; justify-content: center; width: 2.5rem;
  height: 2.5rem; padding: 0; cursor: pointer; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-button-radius); }
button[data-clears] { width: auto; gap: 0.5rem; padding: 0 0.75rem; font: inherit; }
button[data-presses="Delete selected"]:disabled { display: none; }
button:disabled { opacity: 0.4; cursor: not-allowed; }
button:hover:enabled, button[aria-pressed="true"] { color: var(--st-primary-color);
  border-color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
svg { width: 1.1rem; height: 1.1rem; fill: none; stroke: currentColor; stroke-width: 2;
  stroke-linecap: round; stroke-linejoin: round; }
"""


BIN = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13"


def _write_button(presses: str, label: str, title: str, icon: str) -> str:
    erases = " data-erases" if label == ERASER else ""
    return (
        f'<button type="button" data-presses="{presses}"{erases} aria-label="{label}" '
        f'title="{title}" disabled>{_draw(icon)}</button>'
    )


def _draw(icon: str) -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{icon}"/></svg>'


_mount = st.components.v2.component(
    "pad_controls",
    html='<div class="pad-controls" role="group" aria-label="Strokes">'
    + "".join(_write_button(*button) for button in BUTTONS)
    + f'<button type="button" data-clears title="Key: Delete" disabled>{_draw(BIN)}Clear</button>'
    + "</div>",
    css=CSS,
    js="".join(Path(__file__).with_name(name).read_text("utf-8") for name in SCRIPTS),
)


@dataclass(frozen=True)
class PadState:
    """What the browser has to know of a pad.

    Attributes:
        drawing: what the session has as the drawing; the browser keeps it.
        put: changes whenever the session puts a drawing on the pad, which ends the moving of
            strokes.
        unknown: whether the session has never seen this pad, because the server was restarted or
            the browser was away for long or has loaded the page again.
        cleared: what was on the pad before it was cleared; None once something else was on it.
        enter: the key of the button that the Enter key presses; None for no button.
    """

    drawing: Mapping[str, Any]
    put: str
    unknown: bool
    cleared: Mapping[str, Any] | None
    enter: str | None


def show_pad_controls(
    pad: str,
    state: PadState,
    *,
    on_kept: Callable[[Mapping[str, Any]], None],
    on_cleared: Callable[[Mapping[str, Any]], None],
) -> None:
    """Show the buttons of a pad that the page shows; all its controls work from then on.

    Args:
        pad: the key of its canvas.
        state: of the pad.
        on_kept: called with the drawing that the browser has kept if the pad is unknown, or if the
            visitor has deleted or cleared all strokes and takes that back.
        on_cleared: called with what was on the pad when the visitor has cleared it.
    """
    key = f"{pad}_controls"
    _mount(
        data={"pad": pad, **vars(state), "sent": st.session_state.get(key, {}).get("sent")},
        key=key,
        width="content",
        on_sent_change=lambda: None,
        on_kept_change=lambda: on_kept(st.session_state[key].kept),
        on_cleared_change=lambda: on_cleared(st.session_state[key].cleared),
    )
