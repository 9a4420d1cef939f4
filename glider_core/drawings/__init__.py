"""Pictures: pure functions of a result to SVG, HTML or a Plotly figure; they know no page."""
