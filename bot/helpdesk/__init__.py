"""People behind the bot: tickets, ratings, suggestions and complaints; and what it learns from questions it could not answer."""
