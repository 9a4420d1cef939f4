"""Reports: one HTML file without script, pictures as SVG and PNG, the case book as CSV and JSON."""

from glider_core.reporting.entries import Entry, entries_of
from glider_core.reporting.page import report, report_html
from glider_core.reporting.pictures import png_of, svg_file, svg_of
from glider_core.reporting.program import as_python
from glider_core.reporting.tables import book_csv, book_json

__all__ = [
    "Entry",
    "as_python",
    "book_csv",
    "book_json",
    "entries_of",
    "png_of",
    "report",
    "report_html",
    "svg_file",
    "svg_of",
]
