"""Each test starts with an empty database and without a memory of the test before."""

import pytest

# <% if .accounts %>
from apps.accounts import auth, tokens
from apps.accounts.passwords import BoundedArgon2Hasher
# <% end %>
from core.store import store
# <% if .accounts %>
from tests.accounts.helpers import authorization
# <% end %>
from tests.support import Api


@pytest.fixture(autouse=True)
def clean(transactional_db: None) -> None:
    store.cache_clear()
    # <% if .accounts %>
    auth.live.clear()
    tokens.load_keys.cache_clear()
    # <% end %>


# <% if .accounts %>
@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that are made to be slow would be most of what the tests take."""
    monkeypatch.setattr(BoundedArgon2Hasher, "time_cost", 1)
    monkeypatch.setattr(BoundedArgon2Hasher, "memory_cost", 8)


# <% end %>
@pytest.fixture
def client() -> Api:
    return Api()


@pytest.fixture
def api(client: Api) -> Api:
    """A client that may call what needs a sign-in."""
    # <% if .accounts %>
    client.headers.update(authorization("ann@example.com"))
    # <% end %>
    return client
