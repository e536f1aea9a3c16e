"""The store of tiny-pack."""

GREETING = "<% esc .greeting %>"


def boxes() -> list[str]:
    """Say what is kept."""
    found = ["base"]
    # <% if .mail %>
    found.append("mail")
    # <% if .extra %>
    found.append("extra")
    # <% end %>
    # <% else %>
    found.append("no mail")
    # <% end %>
    return found
