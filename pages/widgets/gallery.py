"""The gallery: thumbnails of digits, one of which can be picked by mouse, finger or keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.widgets.whole_number import pick_number

PAGE_SIZE = 60

CSS = """
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(66px, 1fr)); gap: 6px; }
button { display: flex; flex-direction: column; align-items: center; gap: 3px; padding: 5px 2px;
  border: 2px solid transparent; border-radius: 8px; cursor: pointer; font: inherit;
  font-size: 0.75rem; color: var(--st-text-color);
  background: var(--st-secondary-background-color); }
button:hover, button:focus-visible { border-color: var(--st-text-color); outline: none; }
button[aria-pressed="true"] { border-color: var(--st-primary-color); }
img { width: 52px; height: 52px; image-rendering: pixelated; border-radius: 4px; }
"""

JAVASCRIPT = """
export default function ({ parentElement, data, setTriggerValue }) {
  const gallery = parentElement.querySelector(".gallery");
  const focused = gallery.querySelector("button:focus")?.dataset.index;
  gallery.replaceChildren(...data.thumbnails.map(({ index, picture, caption, description }) => {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.index = index;
    button.setAttribute("aria-pressed", String(index === data.picked));
    const image = document.createElement("img");
    Object.assign(image, { src: picture, alt: description });
    button.append(image, caption);
    button.onclick = () => setTriggerValue("picked", index);
    return button;
  }));
  // The new buttons replaced the one that had the keyboard's focus.
  gallery.querySelector(`button[data-index="${focused}"]`)?.focus();
  gallery.onkeydown = (event) => {
    const buttons = [...gallery.children];
    const here = buttons.indexOf(event.target);
    const columns = buttons.filter(({ offsetTop }) => offsetTop === buttons[0].offsetTop).length;
    const there = {
      ArrowLeft: here - 1, ArrowRight: here + 1, ArrowUp: here - columns,
      ArrowDown: here + columns, Home: 0, End: buttons.length - 1,
    }[event.key];
    if (there === undefined) return;
    event.preventDefault();
    buttons[there]?.focus();
  };
}
"""

_mount = st.components.v2.component(
    "digit_gallery", html='<div class="gallery"></div>', css=CSS, js=JAVASCRIPT
)


@dataclass(frozen=True)
class Thumbnail:
    """One picture of the gallery; ``picture`` is a URL, ``index`` its place in a data set."""

    index: int
    picture: str
    caption: str
    description: str


def pick_page(count: int) -> slice:
    """Let the visitor pick a page where ``count`` thumbnails take several; its slice of them."""
    pages = -(-count // PAGE_SIZE)
    page = 1
    if pages > 1:
        page = pick_number(f"Page of {pages}", 1, pages, key="page", width=140, bind="query-params")
    return slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)


def show_gallery(
    thumbnails: Sequence[Thumbnail], *, picked: int, on_pick: Callable[[int], None], key: str
) -> None:
    """Show thumbnails in rows that fit the width, the picked one framed.

    Args:
        thumbnails: what to show, in order.
        picked: the ``index`` of the framed one.
        on_pick: called with the ``index`` of a thumbnail when it is picked.
        key: of the component in the session.
    """
    _mount(
        data={"thumbnails": [asdict(thumbnail) for thumbnail in thumbnails], "picked": picked},
        key=key,
        on_picked_change=lambda: on_pick(st.session_state[key].picked),
    )
