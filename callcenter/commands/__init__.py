"""What each subcommand does; cli.py only reads the words of the command line."""
