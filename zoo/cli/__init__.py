"""The command line: it parses arguments, calls the library and prints the results.

`json_option`, `print_json` and `print_table` are for the commands of plugins too.
"""

from zoo.cli.main import main, run
from zoo.cli.output.tables import print_json, print_table
from zoo.cli.shared_options import json_option

__all__ = ["json_option", "main", "print_json", "print_table", "run"]
