"""Labels that somebody types for several digits at once."""


def read_labels(text: str, count: int) -> list[int | None]:
    """The labels in a text, one for each digit; spaces and line breaks are ignored.

    Args:
        text: digits, and "?" for what is not to be saved.
        count: the number of labels there must be.

    Raises:
        ValueError: the text has other characters, or more or fewer labels.
    """
    characters = "".join(text.split())
    unknown = sorted(set(characters) - set("0123456789?"))
    if unknown:
        raise ValueError(
            f"Type digits only, not {' '.join(unknown)!r}. Type ? for what should not be saved."
        )
    if len(characters) != count:
        raise ValueError(
            f"There are {count} digits in boxes, and you typed {len(characters)}. Type one for "
            "each box, in reading order, and ? for what should not be saved."
        )
    if set(characters) == {"?"}:
        raise ValueError("Type the digits that should be saved.")
    return [None if character == "?" else int(character) for character in characters]
