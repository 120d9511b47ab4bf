"""iamlint's own SELECT run in DuckDB over the files, and its rows read to a profile: the whole job.

Arguments: the folder of files, a file with the SELECT in DuckDB's words, a folder for the rows.
"""

import sys
from pathlib import Path

import duckdb

from iamlint.usage.cloudtrail import read_folder

SHAPE = """[{"eventTime":"VARCHAR","eventSource":"VARCHAR","eventName":"VARCHAR",
"awsRegion":"VARCHAR","errorCode":"VARCHAR","errorMessage":"VARCHAR","eventType":"VARCHAR",
"eventCategory":"VARCHAR","readOnly":"VARCHAR","recipientAccountId":"VARCHAR",
"requestParameters":"JSON","userIdentity":{"type":"VARCHAR","principalId":"VARCHAR",
"arn":"VARCHAR","accountId":"VARCHAR","invokedBy":"VARCHAR","sessionContext":{
"attributes":{"mfaAuthenticated":"VARCHAR"},
"sessionIssuer":{"type":"VARCHAR","principalId":"VARCHAR","arn":"VARCHAR"}}},
"resources":[{"ARN":"VARCHAR","accountId":"VARCHAR","type":"VARCHAR"}]}]"""

TABLE = """
CREATE VIEW cloudtrail_logs AS
WITH files AS (
  SELECT json FROM read_json_objects('{files}', format='unstructured', maximum_object_size=1073741824)),
records AS (SELECT unnest(from_json(json->'Records', '{shape}')) AS r FROM files)
SELECT r.* FROM records
"""


def main(folder: str, select: str, out: str) -> None:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(TABLE.format(files=f"{folder}/**/*.gz", shape=SHAPE))
    sql = Path(select).read_text(encoding="utf-8")
    path = Path(out, "rows.csv")
    connection.execute(f"COPY ({sql}) TO '{path}' (HEADER, FORCE_QUOTE *)")
    profile = read_folder(path, jobs=1)
    print(f"{profile.coverage[0].events} records, {len(profile.principals)} principals")


if __name__ == "__main__":
    main(*sys.argv[1:])
