"""Messages to account holders, and the ways to send them."""
