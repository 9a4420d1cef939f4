"""Features joined into one on a page, as a preset and by hand, and taken apart again."""

FEW = {"masks": "600"}
TEXT = "Good songs, but bad jokes. I left."


def test_phrases_words_and_a_group_by_hand(visitor) -> None:
    visitor.open("sentiment", text=TEXT, **FEW)
    visitor.app.button_group(key="sentiment-grain").set_value("phrase")
    visitor.settle()
    names = visitor.state("glider.sentiment").outcome().shown.explanation.names
    assert names == ("Good songs ,", "but bad jokes .", "I left .")
    assert "but bad jokes ." in visitor.app.query_params["option.groups"]
    visitor.app.button_group(key="sentiment-grain").set_value("word")
    visitor.settle()
    assert "option.groups" not in visitor.app.query_params
    visitor.app.multiselect(key="sentiment-off").set_value([4, 5])
    visitor.draw()
    visitor.app.text_input(key="sentiment-group-name").set_value("bad <b>jokes</b>")
    visitor.press("Join the 2 that are off").settle()
    shown = visitor.state("glider.sentiment").outcome().shown
    assert shown.explanation.names[4] == "bad <b>jokes</b>"
    assert "<b>jokes" not in visitor.pictures()[0]
    visitor.app.button(key="sentiment-apart-0").click()
    visitor.settle()
    assert len(visitor.state("glider.sentiment").outcome().shown.explanation.names) == 10


def test_groups_are_not_taken_to_another_input(visitor) -> None:
    visitor.open("sentiment", text=TEXT, **FEW)
    visitor.app.button_group(key="sentiment-grain").set_value("sentence")
    visitor.settle()
    visitor.app.text_area(key="sentiment-raw").set_value("Another text is here.")
    visitor.press("Run").settle()
    assert len(visitor.state("glider.sentiment").outcome().shown.explanation.names) == 5
