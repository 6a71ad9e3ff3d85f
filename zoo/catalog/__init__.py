"""registry.yaml: read, checked, and added up."""

from zoo.catalog.catalog import Catalog, read_catalog
from zoo.catalog.places import builtin_file, user_files
from zoo.config.recipe_file import read_recipe

__all__ = ["Catalog", "builtin_file", "read_catalog", "read_recipe", "user_files"]
