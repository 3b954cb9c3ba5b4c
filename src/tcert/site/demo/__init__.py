"""A demonstration community on reserved names; a production hub cannot load it."""
