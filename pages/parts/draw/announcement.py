"""The announcement: what a screen reader speaks when the models have classified an input.

Screen readers speak what changes inside a live region that was there before, and few of them speak
a region that is new. So there is one region for as long as the page is open, and only its text
changes.
"""

import streamlit as st

# It gets a new text only if it is another one: what is written again would be spoken again.
JAVASCRIPT = """
export default function ({ parentElement, data }) {
  const region = parentElement.querySelector("[role=status]");
  if (region.textContent !== data.text) region.textContent = data.text;
}
"""

_mount = st.components.v2.component(
    "announcement",
    html='<div role="status" aria-live="polite" aria-atomic="true"></div>',
    js=JAVASCRIPT,
    isolate_styles=False,
)


def announce(text: str) -> None:
    """Have screen readers speak a text; call it in every run, with "" where nothing is new.

    The style sheet hides it from eyes by its key.
    """
    _mount(data={"text": text}, key="announcement")
