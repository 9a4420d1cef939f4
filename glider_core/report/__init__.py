"""Reports: one HTML file without script, pictures as SVG and PNG, the case book as CSV and JSON."""

from glider_core.report.entries import Entry, entries_of
from glider_core.report.page import report, report_html
from glider_core.report.pictures import png_of, svg_of
from glider_core.report.program import as_python
from glider_core.report.tables import book_csv, book_json

__all__ = ["Entry", "as_python", "book_csv", "book_json", "entries_of", "png_of", "report", "report_html", "svg_of"]
