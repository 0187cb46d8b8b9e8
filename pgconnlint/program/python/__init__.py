"""Python syntax trees to the intermediate representation."""
