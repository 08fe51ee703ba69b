"""Every page found, run without a browser."""

import numpy as np
import pytest

from core.digits import datasets
from core.models.files import DEFAULT_MODEL_IDS, list_model_ids, load_card
from tests.artifacts import DAMAGES, copy_models, cut_card, publish_as
from tests.pages.conftest import ROOT, get_pad, open_page, read_ranking, try_every_choice

# They show only what the visitor made, or sentences with pictures of digits.
WITHOUT_FIGURES = ("collect.py", "drawings.py", "runs.py", "sweeps.py", "weak_spots.py")
PAGES = sorted({path.name for path in (ROOT / "pages").glob("*.py")} - {"router.py"})


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_a_title_and_one_sentence_and_no_error(name):
    app = open_page(name)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert 20 < len(app.markdown[0].value) < 120


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("no_mnist")
def test_a_page_works_without_mnist(name):
    app = open_page(name)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_table_and_picture_has_words(name):
    app = open_page(name)
    if name == "draw.py":
        app.button(key="sample").click().run()
    shown = [
        element.proto
        for kind in ("plotly_chart", "table", "dataframe")
        for element in app.get(kind)
    ]
    pictures = [picture for element in app.image for picture in element.proto.imgs]
    assert [figure for figure in (*shown, *pictures) if len(figure.alt) <= 10] == []
    texts = [element.proto.body for element in app.get("html")]
    bars = [text for text in texts if 'role="img"' in text]
    assert all('aria-label="' in text and "<caption>" in text for text in bars)
    assert shown or bars or name in WITHOUT_FIGURES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_survives_every_choice_it_offers(name):
    try_every_choice(name)


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_the_explorer_starts_on_the_bundled_digits():
    app = open_page("errors.py")
    assert any("misclassified by" in text.value for text in app.markdown)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("draw.py", {"tab": "Look-alikes"}),
        ("train.py", {}),
        ("errors.py", {}),
        ("weak_spots.py", {}),
        ("compare.py", {}),
        ("robustness.py", {}),
        ("models.py", {"view": "Calibration"}),
    ],
)
def test_where_bundled_digits_stand_in_for_mnist_a_line_says_so(name, query, request):
    line = "MNIST is not on this machine, so the bundled digits are used here."
    assert line not in list_captions(name, **query)
    request.getfixturevalue("no_mnist")
    assert list_captions(name, **query).count(line) == 1


@pytest.mark.parametrize("others", [True, False])
def test_beside_models_that_are_only_listed_it_is_said_which_ones_are_drawn(others):
    models = DEFAULT_MODEL_IDS if others else list_model_ids()
    captions = list_captions(
        "compare.py", digits="Bundled digits", models=[load_card(one).title for one in models]
    )
    assert ("The chart and the text above it are about the models with a colour." in captions) == (
        others
    )


def list_captions(name: str, **query: str | list[str]) -> list[str]:
    app = open_page(name, **query)
    if name == "draw.py":
        app.button(key="sample").click().run()
    return [caption.value for caption in app.caption]


@pytest.mark.usefixtures("no_mnist")
def test_without_mnist_a_link_to_its_errors_offers_the_download():
    app = open_page("errors.py")
    next(element for element in app.selectbox if element.key == "dataset").set_value(
        "MNIST test"
    ).run()
    assert not app.exception
    assert "MNIST is not on this machine. Download it first." in app.info[0].value
    assert app.button(key="download_mnist")


@pytest.mark.usefixtures("fresh_caches")
def test_a_variable_that_names_no_file_leaves_the_bundled_digits(monkeypatch):
    monkeypatch.setenv("DIGITLAB_MNIST", "/nowhere/mnist.npz")
    app = open_page("errors.py")
    assert not app.exception
    assert any("misclassified by" in text.value for text in app.markdown)
    next(element for element in app.selectbox if element.key == "dataset").set_value(
        "MNIST test"
    ).run()
    assert not app.exception
    assert "does not exist. Who runs this server can set DIGITLAB_MNIST" in app.info[0].value


def test_a_later_page_of_thumbnails_does_not_outlive_its_pair():
    app = open_page("errors.py")
    for key, value in (("dataset", "Bundled digits"), ("model", "Logistic regression")):
        next(box for box in app.selectbox if box.key == key).set_value(value).run()
    pairs = "pair_bundled_digits_logistic_regression"
    app.selectbox(key=pairs).set_value("all").run()
    app.number_input(key="page").set_value(9).run()
    assert not app.exception
    app.selectbox(key=pairs).set_value("3/9").run()
    assert not app.exception
    assert app.number_input(key="page").value == 1


@pytest.mark.usefixtures("no_mnist")
def test_a_download_that_fails_is_a_sentence(monkeypatch):
    monkeypatch.setattr(datasets, "MNIST_URL", "http://127.0.0.1:9/mnist.npz")
    app = open_page("errors.py")
    next(element for element in app.selectbox if element.key == "dataset").set_value(
        "MNIST test"
    ).run()
    app.button(key="download_mnist").click().run()
    assert not app.exception
    assert "Check the internet connection. Who runs this server can" in app.error[0].value


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("damage", "sentence"), DAMAGES)
def test_a_damaged_model_is_named_on_every_page_and_the_others_work(
    name, monkeypatch, tmp_path, damage, sentence
):
    models = copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    damage("lenet5", models)
    app = open_page(name)
    assert not app.exception
    assert not app.error
    (warning,) = [element.value for element in app.warning]
    assert warning.startswith(sentence)
    assert warning.endswith("Until then, this model is left out.")
    assert app.title


def test_where_no_model_is_sound_every_page_says_so(monkeypatch, tmp_path):
    models = copy_models(tmp_path / "models", monkeypatch, "lenet5")
    cut_card("lenet5", models)
    for name in PAGES:
        app = open_page(name)
        assert not app.exception
        assert app.warning[0].value.startswith("The card of lenet5")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_whose_model_is_mended_works_again_at_the_next_run(name, monkeypatch, tmp_path):
    models = copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    cut_card("lenet5", models)
    app = open_page(name)
    publish_as("lenet5", "lenet5", models)
    assert not app.run().warning


def test_a_page_shows_a_model_that_was_trained_again_at_its_next_run(monkeypatch, tmp_path):
    models = copy_models(tmp_path / "models", monkeypatch, *DEFAULT_MODEL_IDS)
    app = open_page("models.py", model="MLP", view="Layers")
    newer = publish_as("mlp", "numpy_dense", models)
    app.query_params["model"] = newer.title
    app.run()
    assert not app.exception
    assert newer.description in {element.value for element in app.markdown}
    shown = next(element.value for element in app.metric if element.label == "Parameters")
    assert shown == f"{newer.parameter_count:,}"


def test_without_a_chosen_model_the_page_invites_to_choose_one():
    for name in ("curves.py", "confusion.py"):
        app = open_page(name)
        app.multiselect(key="models").set_value([]).run()
        assert not app.exception
        assert "Choose at least one model" in app.info[0].value


def test_a_sample_is_classified_although_the_browser_has_not_loaded_the_pad_yet():
    app = open_page("draw.py")
    assert app.info
    for _ in range(2):
        app.button(key="sample").click().run()
        assert not app.exception
        assert not app.info
    get_pad(app).put(())
    app.run()
    assert app.info


@pytest.mark.parametrize("model_id", list_model_ids())
@pytest.mark.parametrize(
    "view", ["Layers", "Weights", "Network", "Calibration", "Weak spots", "Recipe"]
)
def test_every_view_of_every_model_opens(model_id, view):
    app = open_page("models.py", view=view, model=load_card(model_id).title)
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="model").value == model_id


def test_the_network_is_shown_for_the_drawing_on_the_pad_or_for_an_example():
    app = open_page("models.py", view="Network")
    choice = app.segmented_control(key="network_digit")
    assert choice.value == "5"
    assert "**Output**: 5 " in " ".join(text.value for text in app.markdown)
    choice.set_value("3").run()
    assert "**Output**: 3 " in " ".join(text.value for text in app.markdown)
    get_pad(app).put([np.array([(80.0, 70), (240, 70), (140, 270)])])
    app.run()
    assert not app.exception
    app.segmented_control(key="network_digit").set_value("My drawing").run()
    assert "**Output**: 7 " in " ".join(text.value for text in app.markdown)


def test_a_committee_leads_to_its_members():
    committees = [card for card in map(load_card, list_model_ids()) if "members" in card.recipe]
    if not committees:
        pytest.skip("there is no committee")
    app = open_page("models.py", model=committees[0].title)
    for member in committees[0].recipe["members"]:
        assert any(load_card(member).title in link.proto.label for link in app.get("page_link"))


def test_one_model_the_default_ones_or_all_can_be_chosen():
    app = open_page("draw.py")
    app.button(key="sample").click().run()
    choice = app.segmented_control(key="predict")
    titles = [load_card(model_id).title for model_id in list_model_ids()]
    defaults = [load_card(model_id).title for model_id in DEFAULT_MODEL_IDS]
    assert list(read_ranking(app)) == defaults
    choice.set_value("All models").run()
    assert sorted(read_ranking(app)) == sorted(titles)
    choice.set_value("One model").run()
    for model_id in (DEFAULT_MODEL_IDS[1], list_model_ids()[0]):
        app.selectbox(key="model").set_value(model_id).run()
        assert list(read_ranking(app)) == [load_card(model_id).title]
    assert not app.exception
