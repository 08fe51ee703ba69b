"""The layer editor: a row for each layer of a network, to add, change, move and remove layers."""

from dataclasses import replace

import streamlit as st

from core.runs.layers import (
    CONVOLUTION,
    DENSE,
    DROPOUT,
    FLATTEN,
    KINDS,
    MAX_FILTERS,
    MAX_KERNEL,
    MAX_LAYERS,
    MAX_POOLING,
    MAX_UNITS,
    LayerPlan,
    read_layers,
    write_layers,
)

TITLES = dict(
    zip(
        KINDS,
        (
            "Convolution",
            "Max pooling",
            "Average pooling",
            "Batch normalisation",
            "Dropout",
            "Flatten",
            "Dense",
        ),
        strict=True,
    )
)
NEW = {
    CONVOLUTION: LayerPlan(CONVOLUTION, size=8, kernel=3),
    DENSE: LayerPlan(DENSE, size=64),
    DROPOUT: LayerPlan(DROPOUT, rate=0.2),
}
FIRST = (NEW[CONVOLUTION], LayerPlan(MAX_POOLING), LayerPlan(FLATTEN), NEW[DENSE])
PARAMETER = "layers"


def pick_layers() -> tuple[LayerPlan, ...]:
    """The layers in their order, which the page's address holds too."""
    layers = _get_layers()
    for place, layer in enumerate(layers):
        # The layers are in the keys: after a move, the widgets of a row are those of its layer.
        row = f"{place}_{write_layers(layers[: place + 1])}"
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            st.markdown(f"{place + 1}. **{TITLES[layer.kind]}**", width=124)
            _set_numbers(layer, place, row)
            if place:
                st.button(
                    "",
                    icon=":material/arrow_upward:",
                    help="Move up",
                    key=f"up_{row}",
                    on_click=_move_up,
                    args=(place,),
                )
            st.button(
                "",
                icon=":material/close:",
                help="Remove",
                key=f"drop_{row}",
                disabled=len(layers) == 1,
                on_click=_put,
                args=(layers[:place] + layers[place + 1 :],),
            )
    added = st.menu_button(
        "Add a layer",
        list(KINDS),
        format_func=TITLES.__getitem__,
        icon=":material/add:",
        key="add_layer",
        disabled=len(layers) >= MAX_LAYERS,
    )
    if added:
        _put((*layers, NEW.get(added) or LayerPlan(added)))
        st.rerun()
    st.caption("A softmax layer with ten outputs is added automatically.")
    return layers


def _set_numbers(layer: LayerPlan, place: int, row: str) -> None:
    """Number inputs for the attributes that a layer of this kind has."""
    if layer.kind in (CONVOLUTION, DENSE):
        convolution = layer.kind == CONVOLUTION
        _set_number(
            "Filters" if convolution else "Units",
            layer,
            place,
            "size",
            row=row,
            limits=(1, MAX_FILTERS if convolution else MAX_UNITS, 1),
        )
    if layer.kind == CONVOLUTION:
        _set_number("Kernel", layer, place, "kernel", row=row, limits=(1, MAX_KERNEL, 1))
    if layer.kind == DROPOUT:
        _set_number("Rate", layer, place, "rate", row=row, limits=(0.05, 0.9, 0.05))


def _set_number(
    label: str,
    layer: LayerPlan,
    place: int,
    name: str,
    *,
    row: str,
    limits: tuple[float, float, float],
) -> None:
    key = f"{name}_{row}"

    def keep() -> None:
        layers = list(_get_layers())
        layers[place] = replace(layer, **{name: st.session_state[key]})
        _put(tuple(layers))

    least, greatest, step = limits
    st.number_input(
        label,
        least,
        greatest,
        getattr(layer, name),
        step=step,
        key=key,
        on_change=keep,
        width=76,
    )


def _move_up(place: int) -> None:
    layers = list(_get_layers())
    layers[place - 1 : place + 1] = layers[place], layers[place - 1]
    _put(tuple(layers))


def _get_layers() -> tuple[LayerPlan, ...]:
    try:
        return read_layers(st.query_params[PARAMETER])
    except (KeyError, ValueError):
        return FIRST


def _put(layers: tuple[LayerPlan, ...]) -> None:
    st.query_params[PARAMETER] = write_layers(layers)
