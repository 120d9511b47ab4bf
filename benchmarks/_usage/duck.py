"""The sums of `native.cpp` in DuckDB, tuned: objects read whole and decoded to a fixed shape.

`read_json` with columns, the obvious way, takes some five times as long.
"""

import sys

import duckdb

SHAPE = """[{"eventTime":"VARCHAR","eventSource":"VARCHAR","eventName":"VARCHAR",
"awsRegion":"VARCHAR","errorCode":"VARCHAR","recipientAccountId":"VARCHAR","eventID":"VARCHAR",
"userIdentity":{"arn":"VARCHAR","sessionContext":{"sessionIssuer":{"arn":"VARCHAR"}}},
"resources":"VARCHAR","requestParameters":"JSON"}]"""

QUERY = """
CREATE TABLE sums AS
WITH files AS (
  SELECT json FROM read_json_objects(?, format='unstructured', maximum_object_size=1073741824)),
records AS (SELECT unnest(from_json(json->'Records', ?)) AS r FROM files)
SELECT coalesce(r.userIdentity.sessionContext.sessionIssuer.arn, r.userIdentity.arn) AS who,
  r.eventSource AS source, r.eventName AS name, r.awsRegion AS region, r.errorCode AS error,
  r.recipientAccountId AS account, r.resources AS resources,
  json_extract_string(r.requestParameters, '$.bucketName') AS bucket,
  count(*) AS n, min(r.eventTime[:10]) AS first, max(r.eventTime[:10]) AS last
FROM records GROUP BY ALL
"""

if __name__ == "__main__":
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(QUERY, [f"{sys.argv[1]}/**/*.gz", SHAPE])
    total, groups = connection.execute("SELECT sum(n), count(*) FROM sums").fetchall()[0]
    print(f"{total} records, {groups} groups")
