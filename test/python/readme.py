"""Runs the reading examples of a section on a data folder: `python readme.py README.md HEADING DATA`.

Prints JSON: the rows that each code block returns, by the first word of the comment in its first line.
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
    """Rows of a table of Spark, DuckDB, pyarrow, Polars or pandas."""
    if hasattr(result, 'collect'):
        return [list(row) for row in result.collect()]
    if hasattr(result, 'fetchall'):
        return [list(row) for row in result.fetchall()]
    if hasattr(result, 'to_pylist'):
        return [list(row.values()) for row in result.to_pylist()]
    if hasattr(result, 'rows'):
        return [list(row) for row in result.rows()]
    if hasattr(result, 'itertuples'):
        return [list(row) for row in result.itertuples(index=False)]
    return [[value] for value in result]  # an array or a Series


page, heading, data = sys.argv[1:]
section = open(page, encoding='utf-8').read().split(f'\n## {heading}\n')[1].split('\n## ')[0]
blocks = re.findall(r'^```(python|sql)\n(?:#|--) (\w+)(.*?)^```', section.replace("'data/", f"'{data}/"), re.DOTALL | re.MULTILINE)
found = {}
for language, name, rest in blocks:
    if language == 'sql' and name != 'DuckDB':  # for make sql
        continue
    code = rest.split('\n', 1)[1]
    result = duckdb.sql(code) if language == 'sql' else value_of(code, {'spark': spark_session()})
    found[name] = [[str(value) if isinstance(value, int) else value for value in row] for row in rows_of(result)]
json.dump(found, sys.stdout, default=str)
