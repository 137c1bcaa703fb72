"""话术: the call scripts: patterns and prompts, edited by people who do not program."""
