"""Weather: which signs in the sky act together."""

from pages.parts import workbench

page = workbench.open_page("weather")
page.inputs.text_input("Signs in the sky", **page.tie("raw"))
page.show()
