"""The digit that writes itself on an empty pad, where the visitor wants motion."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import count_ink, draw_with_mouse, find_pad, go_to, read_pad
from tests.browser.script_runs import count_requests, wait_for_answer

SEVEN = [[(80, 70), (240, 70), (140, 270)]]
# Milliseconds in which it would have begun, and in which all of it is over.
TIME_TO_BEGIN, TIME_TO_END = 2_000, 10_000
# Every text that stands in the place of the answer from now on, and whether the question is asked.
WATCH = """() => {
  window.seen = { answers: [], spoken: [], asked: false };
  const look = () => {
    const roots = [...document.querySelectorAll(".st-key-reader *")].map((e) => e.shadowRoot);
    const root = roots.find(Boolean);
    const answer = root?.querySelector("[data-testid=answer]")?.textContent;
    if (answer && seen.answers.at(-1) !== answer) seen.answers.push(answer);
    const spoken = root?.querySelector(".spoken")?.textContent;
    if (spoken) seen.spoken.push(spoken);
    const question = root?.querySelector(".question");
    if (question && getComputedStyle(question).visibility === "visible") seen.asked = true;
    requestAnimationFrame(look);
  };
  look();
}"""


def find_layer(page: Page):
    return page.locator(".demonstration")


def test_a_digit_writes_itself_once_is_read_as_it_grows_and_leaves_the_pad_empty(open_page):
    page = open_page(motion=True)
    page.evaluate(WATCH)
    expect(find_layer(page)).to_be_visible()
    wait_for_answer(page)
    requests = count_requests(page)
    expect(page.get_by_test_id("answer")).to_have_text("2")
    expect(find_layer(page)).to_have_count(0, timeout=TIME_TO_END)
    expect(page.get_by_text("Draw a digit or a number")).to_be_visible()
    expect(page.get_by_test_id("answer")).to_have_count(0)
    assert count_ink(page) == 0
    seen = page.evaluate("seen")
    assert len(seen["answers"]) > 1
    assert seen["answers"][-1] == "2"
    assert not seen["asked"]
    assert not seen["spoken"]
    assert count_requests(page) == requests
    page.reload()
    find_pad(page)
    page.wait_for_timeout(TIME_TO_BEGIN)
    expect(find_layer(page)).to_have_count(0)


def test_it_ends_when_a_pen_comes_down(open_page):
    alone, page = open_page(), open_page(motion=True)
    draw_with_mouse(alone, SEVEN)
    expect(find_layer(page)).to_be_visible()
    draw_with_mouse(page, SEVEN)
    expect(find_layer(page)).to_have_count(0)
    expect(page.get_by_test_id("answer")).to_have_text("7")
    assert (read_pad(page) == read_pad(alone)).all()


def test_it_ends_when_something_is_put_on_the_pad(open_page):
    page = open_page(motion=True)
    expect(find_layer(page)).to_be_visible()
    page.evaluate("document.querySelector('.st-key-sample button').click()")
    expect(find_layer(page)).to_have_count(0)
    expect(page.get_by_text("Is this correct?")).to_be_visible()


def test_it_does_not_begin_without_motion_or_on_a_pad_with_ink(open_page):
    still, page = open_page(), open_page("collect", motion=True)
    go_to(page, "Draw")
    page.evaluate("() => sessionStorage.clear()")
    draw_with_mouse(page, SEVEN)
    wait_for_answer(page)
    go_to(page, "Collect")
    page.evaluate("() => sessionStorage.clear()")
    go_to(page, "Draw")
    expect(page.get_by_test_id("answer")).to_have_text("7")
    find_pad(still)
    still.wait_for_timeout(TIME_TO_BEGIN)
    for one in (still, page):
        expect(find_layer(one)).to_have_count(0)
