"""What the product knows: laws, figures, entries, how they are matched, and how well (evaluation)."""
