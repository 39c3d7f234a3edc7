"""ipbot, the chat assistant for Xinjiang's network of IP information public service points."""
