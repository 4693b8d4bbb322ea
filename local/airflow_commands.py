"""Several of Airflow's own commands in one process, for each start of it takes seconds; run by Airflow's Python.

Its one argument is a JSON list of commands, each a list of words.
"""

import json
import sys

from airflow.__main__ import main

for words in json.loads(sys.argv[1]):
    sys.argv = ["airflow", *words]
    main()
