"""The helpdesk: people behind the bot, and what the bot learns from the questions it could not answer."""
