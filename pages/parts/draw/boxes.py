"""Boxes: a picture with a box over each digit, one of which can be picked by mouse or keyboard.

The boxes are shares of the picture, so that they fit at every width of the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from core.digits.found_digits import Box

CSS = """
.boxes { position: relative; margin: 1.4rem 0.4rem 0.4rem; }
img { display: block; width: 100%; border-radius: 4px; }
button { position: absolute; padding: 0; border: 2px solid var(--st-primary-color);
  border-radius: 3px; background: none; cursor: pointer; font: inherit; }
button span { position: absolute; left: -2px; bottom: 100%; padding: 0 0.3em; border-radius: 3px;
  font-size: 0.8rem; line-height: 1.3; color: #fff; background: #0b63a5; }
button.doubtful { border-color: #e07b00; border-style: dashed; }
button.doubtful span { background: #b35f00; }
button:hover, button:focus-visible { outline: 2px solid var(--st-text-color); z-index: 1; }
button[aria-pressed="true"] { background: rgb(94 179 238 / 25%);
  box-shadow: 0 0 0 3px var(--st-primary-color); z-index: 1; }
"""

JAVASCRIPT = """
export default function ({ parentElement, data, setTriggerValue }) {
  const area = parentElement.querySelector(".boxes");
  const focused = area.querySelector("button:focus")?.dataset.place;
  const picture = document.createElement("img");
  Object.assign(picture, { src: data.picture, alt: data.description });
  const buttons = data.boxes.map(({ place, character, label, left, top, width, height }) => {
    const button = document.createElement("button");
    button.type = "button";
    // The tab key reaches one box; the arrow keys reach the others.
    button.tabIndex = place === data.picked ? 0 : -1;
    button.dataset.place = place;
    button.className = character === "?" ? "doubtful" : "";
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-pressed", String(place === data.picked));
    const share = (value) => `${100 * value}%`;
    Object.assign(button.style, {
      left: share(left), top: share(top), width: share(width), height: share(height),
    });
    const tag = document.createElement("span");
    tag.textContent = character;
    button.append(tag);
    button.onclick = () => setTriggerValue("picked", place);
    return button;
  });
  area.replaceChildren(picture, ...buttons);
  // The new buttons replaced the one that had the keyboard's focus.
  buttons.find(({ dataset }) => dataset.place === focused)?.focus();
  area.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const next = buttons[buttons.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
}
"""

_mount = st.components.v2.component(
    "digit_boxes",
    html='<div class="boxes" role="group" aria-label="The digits found"></div>',
    css=CSS,
    js=JAVASCRIPT,
)


@dataclass(frozen=True)
class BoxButton:
    """The box of one digit; its sides are shares of the picture's width and height."""

    place: int
    character: str
    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Background:
    """The picture below the boxes.

    Attributes:
        address: its URL.
        description: for screen readers.
        part: left, top, right and bottom of what it shows, in the unit of the boxes.
        width: on the screen, in pixels; None for all there is.
        margin: by which each box is widened, in the unit of the boxes.
    """

    address: str
    description: str
    part: Box
    width: int | None = None
    margin: float = 0.0

    def place_box(self, place: int, box: Box, *, character: str, label: str) -> BoxButton:
        """The button for the box of a digit; ``label`` is for screen readers."""
        left, top, right, bottom = self.part
        width, height = right - left, bottom - top
        return BoxButton(
            place,
            character,
            label,
            (box[0] - self.margin - left) / width,
            (box[1] - self.margin - top) / height,
            (box[2] - box[0] + 2 * self.margin) / width,
            (box[3] - box[1] + 2 * self.margin) / height,
        )


def show_boxes(
    background: Background,
    boxes: Sequence[BoxButton],
    *,
    picked: int,
    on_pick: Callable[[int], None],
    key: str,
) -> None:
    """Show boxes over a picture, the picked one filled.

    Args:
        background: the picture.
        boxes: in reading order.
        picked: the place of the filled one.
        on_pick: called with the place of a box when it is picked.
        key: of the component in the session.
    """
    _mount(
        data={
            "picture": background.address,
            "description": background.description,
            "boxes": [asdict(box) for box in boxes],
            "picked": picked,
        },
        key=key,
        width=background.width or "stretch",
        on_picked_change=lambda: on_pick(st.session_state[key].picked),
    )
