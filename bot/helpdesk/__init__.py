"""A person behind the bot: tickets, who answers them and by when, ratings, suggestions and complaints; and what the bot
learns from the questions that it could not answer."""
