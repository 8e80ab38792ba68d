"""How tests show the small image on the Image page."""

from window.small_image import read

from slimdesk.workspace.workspace import OpenedImage


async def show_small(window, settled, folder):
    """Show it and return the page once it has been filled."""
    image = read(folder)
    window.workspace.show_image(OpenedImage(str(folder / "shop.tar"), image))
    window.go("image")
    page = page_of(window)
    await settled(lambda: showing(page, image))
    return page


def page_of(window):
    from slimdesk.ui.pages.image import ImagePage

    return window.findChild(ImagePage)


def showing(page, image=None):
    """Whether the page has been filled: with this image, or with any."""
    there = page.view.image is image if image is not None else page.view.image is not None
    opened = page.workspace.image
    whole = opened is not None and opened.image is page.view.image
    return there and whole and page._pages.currentWidget() is page._whole


def node_of(page, path):
    return page.view.image.table.find(path)
