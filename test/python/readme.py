"""Runs on a lake the lines by which README.md reads one: `python readme.py README.md LAKE`.

Prints as JSON the rows that each block of them gives, by the first word of its first line, which is a comment.
"""

import ast
import json
import re
import sys

import duckdb

from sparksession import spark_session


def value_of(block, names):
    """Runs Python lines and returns the value of the last one."""
    *lines, last = ast.parse(block).body
    exec(compile(ast.Module(lines, []), 'README.md', 'exec'), names)
    return eval(compile(ast.Expression(last.value), 'README.md', 'eval'), names)


def rows_of(result):
    """Rows of a table of whatever library: Spark, DuckDB, pyarrow, Polars, pandas."""
    if hasattr(result, 'collect'):
        return [list(row) for row in result.collect()]
    if hasattr(result, 'fetchall'):
        return [list(row) for row in result.fetchall()]
    if hasattr(result, 'to_pylist'):
        return [list(row.values()) for row in result.to_pylist()]
    if hasattr(result, 'rows'):
        return [list(row) for row in result.rows()]
    return [list(row) for row in result.itertuples(index=False)]


readme, lake = sys.argv[1:]
section = open(readme, encoding='utf-8').read().split('\n## Reading it\n')[1].split('\n## ')[0]
blocks = re.findall(r'^```(python|sql)\n(?:#|--) (\w+)(.*?)^```', section.replace('data/lake', lake), re.DOTALL | re.MULTILINE)
found = {}
for language, name, rest in blocks:
    code = rest.split('\n', 1)[1]
    result = duckdb.sql(code) if language == 'sql' else value_of(code, {'spark': spark_session()})
    found[name] = [[str(value) if isinstance(value, int) else value for value in row] for row in rows_of(result)]
json.dump(found, sys.stdout)
