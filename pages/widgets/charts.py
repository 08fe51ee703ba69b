"""What charts have in common on all pages."""

# For charts that are worth a closer look: buttons to zoom, which appear while the pointer is over
# the chart. Without them a finger on the chart scrolls the page.
ZOOM = {
    "displaylogo": False,
    "modeBarButtons": [["zoom2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
}
