"""Tables, engine and migrations; the rows themselves belong to the services that own them."""
