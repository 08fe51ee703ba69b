"""Access keys: whose a key is, and that nothing on disk is enough to use it."""

import pytest

from core.models.files import RUNS_VARIABLE
from core.runs.access_keys import (
    KEY,
    KEYS_DIRECTORY,
    MAX_KEY_NAME_LENGTH,
    MAX_KEYS,
    TooManyKeysError,
    create_key,
    find_owner_of_key,
    list_keys,
    revoke_key,
)
from core.runs.run import list_runs


@pytest.fixture(autouse=True)
def directory(monkeypatch, tmp_path):
    monkeypatch.setenv(RUNS_VARIABLE, str(tmp_path))
    return tmp_path


def test_a_key_is_its_owners_until_it_is_revoked():
    first, second = create_key("anna", " Script "), create_key("anna", "Lesson")
    create_key("berta", "Hers")
    assert find_owner_of_key(first) == find_owner_of_key(second) == "anna"
    keys = list_keys("anna")
    assert [key.name for key in keys] == ["Script", "Lesson"]
    revoke_key("berta", keys[0].digest)
    assert find_owner_of_key(first) == "anna"
    revoke_key("anna", keys[0].digest)
    revoke_key("anna", keys[0].digest)
    assert find_owner_of_key(first) is None
    assert find_owner_of_key(second) == "anna"
    assert list_runs() == []


def test_what_is_stored_is_not_enough_to_use_a_key(directory):
    key = create_key("anna", "Script")
    (file,) = (directory / KEYS_DIRECTORY).rglob("*.json")
    secret = key.rpartition("_")[2] if key.count("_") == 2 else key[-43:]
    assert secret not in file.read_text("utf-8")
    assert secret not in str(file)
    assert "anna" not in key
    assert KEY.fullmatch(key)
    assert find_owner_of_key(f"digitlab_{file.parent.name}_{file.stem[:43]}") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),
        lambda key: key.replace(key[9:41], "0" * 32),
        lambda key: key.replace(key[9:41], "../../" + "0" * 26),
    ],
)
def test_a_changed_key_is_nobodys(change):
    assert find_owner_of_key(change(create_key("anna", "Script"))) is None


def test_a_damaged_key_is_not_accepted_and_the_others_are(directory):
    damaged, sound = create_key("anna", "Damaged"), create_key("anna", "Sound")
    file = directory / KEYS_DIRECTORY / damaged[9:41] / f"{list_keys('anna')[0].digest}.json"
    for contents in ("", "[]", "{}", "\0"):
        file.write_text(contents)
        assert find_owner_of_key(damaged) is None
        assert [key.name for key in list_keys("anna")] == ["Sound"]
    assert find_owner_of_key(sound) == "anna"


@pytest.mark.parametrize("name", ["", "  ", "x" * (MAX_KEY_NAME_LENGTH + 1)])
def test_a_key_needs_a_name(name):
    with pytest.raises(ValueError, match="name of a key"):
        create_key("anna", name)


def test_the_number_of_keys_is_limited():
    for number in range(MAX_KEYS):
        create_key("anna", str(number))
    with pytest.raises(TooManyKeysError, match="Revoke one"):
        create_key("anna", "one more")
    create_key("berta", "Hers")
