"""Two texts beside one another: which lines stand at one height, and what each side shows."""

from PySide6.QtWidgets import QPlainTextEdit

from slimdesk.ui.widgets.side_by_side import SideBySide, pairs


def sides(before, after):
    return [(one.left and one.left[1], one.right and one.right[1], one.same) for one in pairs(before, after)]


def test_equal_lines_stand_beside_one_another():
    assert sides("a\nb\nc\n", "a\nx\ny\nc\n") == [
        ("a", "a", True),
        ("b", "x", False),
        (None, "y", False),
        ("c", "c", True),
    ]


def test_lines_have_the_numbers_of_their_own_text():
    found = pairs("a\nb\n", "x\na\nb\n")
    assert [(one.left and one.left[0], one.right and one.right[0]) for one in found] == [
        (None, 1),
        (1, 2),
        (2, 3),
    ]


def test_empty_lines_are_no_place_to_meet():
    assert sides("one\n\ntwo\n", "x\ny\nz\n\n") == [
        ("one", "x", False),
        ("", "y", False),
        ("two", "z", False),
        (None, "", False),
    ]


def test_texts_without_a_difference_and_without_anything():
    assert all(one.same for one in pairs("a\nb", "a\nb"))
    assert pairs("", "") == []
    assert sides("", "a") == [(None, "a", False)]


async def test_both_sides_scroll_together_and_are_equally_long(qapp, settled):
    view = SideBySide()
    view.resize(600, 120)
    view.show()
    view.show_texts("\n".join(str(n) for n in range(100)), "\n".join(str(n) for n in range(0, 100, 2)))
    old, new = view.findChildren(QPlainTextEdit)
    assert old.blockCount() == new.blockCount() == 100
    await settled(lambda: old.verticalScrollBar().maximum() > 20)
    old.verticalScrollBar().setValue(20)
    assert new.verticalScrollBar().value() == 20
    new.verticalScrollBar().setValue(5)
    assert old.verticalScrollBar().value() == 5
    assert not view.grab().isNull()
    view.close()
    view.deleteLater()
