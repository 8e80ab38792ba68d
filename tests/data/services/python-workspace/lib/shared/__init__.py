"""What both members say."""


def greeting() -> str:
    return "from the other member"
