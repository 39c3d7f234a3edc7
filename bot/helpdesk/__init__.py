"""A person behind the bot: tickets, who answers them and by when, ratings, suggestions and complaints."""
