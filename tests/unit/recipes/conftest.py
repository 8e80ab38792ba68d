"""A catalogue of a fixed day, without the developer's own images."""

import datetime as dt

import pytest

from slimdesk.basics import clock
from slimdesk.catalog.catalog import Catalog, load_catalog


@pytest.fixture(scope="session")
def catalog(tmp_path_factory) -> Catalog:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "today", lambda: dt.date(2026, 11, 21))
        return load_catalog(tmp_path_factory.mktemp("no-own-images"))
