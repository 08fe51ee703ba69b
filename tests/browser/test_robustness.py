"""The Robustness page in a real window."""

from playwright.sync_api import Locator, Page, expect

from core.analysis.robustness import load_robustness
from core.synthesis.corruptions import CORRUPTIONS


def find_chart(page: Page, key: str) -> Locator:
    chart = page.locator(f".st-key-{key} .js-plotly-plot")
    chart.locator(".main-svg").first.wait_for()
    return chart


def read_lines(page: Page) -> dict[str, list[float]]:
    """The accuracies of each model in the figure, by its title."""
    lines = "chart => chart._fullData.filter(o => o.mode == 'lines+markers')"
    return find_chart(page, "severities").evaluate(
        f"chart => Object.fromEntries(({lines})(chart).map(o => [o.name, Array.from(o.y)]))"
    )


def test_the_lines_are_the_stored_accuracies_of_the_chosen_models(open_page):
    page = open_page(
        "robustness?dataset=Bundled+digits&corruption=Occlusion"
        "&models=LeNet-5&models=Logistic+regression"
    )
    lines = read_lines(page)
    assert set(lines) == {"LeNet-5", "Logistic regression"}
    stored = load_robustness("lenet5").counts["bundled_digits"].estimate("occlusion")
    assert lines["LeNet-5"] == [estimate.value for estimate in stored]


def test_a_link_with_unknown_values_still_shows_the_page(open_page):
    page = open_page("robustness?dataset=Nothing&corruption=Melting&amount_rotate=99&live=true")
    find_chart(page, "overview")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_all_corruptions_and_models_fit_a_phone(open_page):
    page = open_page("robustness", phone=True)
    chart = find_chart(page, "overview")
    for corruption in CORRUPTIONS.values():
        expect(chart.locator(".ytick").get_by_text(corruption.title, exact=True)).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_pictures_and_figures_are_described(open_page):
    page = open_page("robustness?corruption=Rotation")
    (untouched, *_) = load_robustness("logistic_regression").counts["mnist_test"].estimate("rotate")
    accuracy = f"Logistic regression: {untouched.value:.1%}"
    for key, words in (("severities", accuracy), ("overview", "Rotation:")):
        find_chart(page, key)
        described = page.locator(f".st-key-{key}").evaluate("figure => figure.outerHTML")
        assert words in described
