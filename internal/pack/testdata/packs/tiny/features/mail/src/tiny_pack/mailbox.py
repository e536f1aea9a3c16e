"""Mail of tiny_pack."""
