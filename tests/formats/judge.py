"""Reads reports as their consumers do: judge.py SARIF_SCHEMA SARIF JUNIT CHECKSTYLE."""

import json
import sys
import xml.etree.ElementTree

import jsonschema
import junitparser

schema, sarif, junit, checkstyle = sys.argv[1:]
with open(schema, encoding="utf-8") as schema, open(sarif, encoding="utf-8") as sarif:
    sarif = json.load(sarif)
    jsonschema.validators.validator_for(schema := json.load(schema))(schema).validate(sarif)

junit = junitparser.JUnitXml.fromfile(junit)
cases = [case for suite in junit for case in suite]
checkstyle = xml.etree.ElementTree.parse(checkstyle).getroot()
print(
    json.dumps(
        {
            "sarif": len(sarif["runs"][0]["results"]),
            "junit": sum(1 for case in cases if case.result),
            "checkstyle": len(checkstyle.findall("file/error")),
        }
    )
)
