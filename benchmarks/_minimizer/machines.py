"""Workloads of machines: web functions, nightly batches, monthly closes."""

from __future__ import annotations

import random
from datetime import date

from benchmarks._minimizer import api, terraform
from benchmarks._minimizer.model import (
    BASE36,
    CFN,
    Auth,
    Call,
    Workload,
    arn,
    letters,
    uuid,
)

_KEY = "3f1c9a52-6b0e-4c1d-9a77-0d2be4c8f511"


def web_function() -> Workload:
    """A function in a VPC behind an API; policy by hand, wide where it was in a hurry."""
    group = "/aws/lambda/shop-api"

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        for _ in range(rng.randint(2, 4)):  # cold starts
            stream = f"{when:%Y/%m/%d}/[$LATEST]{letters(rng, 32)}"
            calls += [
                api.log_stream(group, stream),
                api.logs_written(group, stream),
                api.secret("shop/db", "aB3xYz"),
                api.kms("Decrypt", _KEY, "secretsmanager"),
                *api.traces(),
            ]
        for _ in range(rng.randint(8, 14)):
            calls.append(api.dynamodb("GetItem", "shop-orders"))
        for _ in range(rng.randint(2, 5)):
            error = "ProvisionedThroughputExceededException" if rng.random() < 0.1 else ""
            calls.append(api.dynamodb("PutItem", "shop-orders", error=error))
            calls.append(api.dynamodb("Query", "shop-orders", index="by-customer"))
            calls.append(api.sqs("SendMessage", "shop-fulfilment"))
        for _ in range(rng.randint(1, 3)):
            error = "NoSuchKey" if rng.random() < 0.2 else ""
            calls.append(
                api.s3_object("GetObject", "shop-assets", f"img/{uuid(rng)}.png", error=error)
            )
            calls.append(api.s3_object("PutObject", "shop-uploads", f"{when:%Y/%m}/{uuid(rng)}"))
        calls.append(api.publish("shop-events"))
        if rng.random() < 0.3:
            calls.append(api.dynamodb("DeleteItem", "shop-carts"))
        if rng.random() < 0.15:
            calls += api.interface(rng, "subnet-0a1b2c3d4e5f60718", "sg-0f1e2d3c4b5a69788")
        if rng.random() < 0.05:  # refused: not granted
            calls += api.plain("s3", "ListAllMyBuckets")
        if rng.random() < 1 / 60:  # fail-over to the replica
            calls.append(api.secret("shop/db-replica", "Qw9rTy"))
        return calls

    return Workload(
        "web",
        "shop-api",
        terraform.role(
            "shop-api",
            terraform.inline(
                "app",
                """\
      { Effect = "Allow", Action = "dynamodb:*", Resource = "*" },
      {
        Effect   = "Allow"
        Action   = "s3:*"
        Resource = ["arn:aws:s3:::shop-*", "arn:aws:s3:::shop-*/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecrets"]
        Resource = "*"
      },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"], Resource = "*" },
      { Effect = "Allow", Action = ["sqs:*", "sns:*"], Resource = "*" },""",
            ),
            terraform.attached(
                "service-role/AWSLambdaVPCAccessExecutionRole", "AWSXRayDaemonWriteAccess"
            ),
        ),
        day,
    )


def web_service() -> Workload:
    """An ECS service on AWS's FullAccess policies; it calls functions whose names a stack makes."""
    group = "/ecs/orders"

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        # The stack is made anew every few weeks, and its function has another suffix then.
        life = random.Random(f"worker{(when.toordinal() + 11) // 24}")
        worker = f"orders-stack-Worker-{letters(life, 11, CFN)}7"
        for _ in range(rng.randint(1, 2)):
            task = letters(rng, 32)
            stream = f"app/orders/{task}"
            calls += [
                api.log_stream(group, stream),
                api.logs_written(group, stream),
                api.parameter("/orders/prod/db/host", "/orders/prod/db/user"),
                api.parameter("/orders/prod/feature-flags"),
                api.secret("orders/stripe", "9fKd2L"),
                api.kms("Decrypt", _KEY, "secretsmanager"),
            ]
        for _ in range(rng.randint(6, 10)):
            calls.append(api.dynamodb("Query", "orders"))
            calls.append(api.dynamodb("UpdateItem", "orders"))
        for _ in range(rng.randint(2, 4)):
            calls.append(api.invoke(worker, "orders-stack-Worker-*"))
            calls.append(api.sqs("ReceiveMessage", "orders-in"))
            calls.append(api.sqs("DeleteMessage", "orders-in"))
        for _ in range(rng.randint(1, 2)):
            key = f"invoices/{when:%Y}/{uuid(rng)}.pdf"
            calls.append(api.s3_object("PutObject", "orders-documents", key))
            calls.append(api.kms("GenerateDataKey", _KEY, "s3"))
        calls.append(api.sqs("GetQueueAttributes", "orders-in"))
        if when.weekday() == 0:
            calls.append(
                api.read(
                    "dynamodb", "DescribeTable", {"tableName": "orders"},
                    Auth("dynamodb:DescribeTable", arn("dynamodb", "table/orders")),
                )
            )  # fmt: skip
        if rng.random() < 1 / 45:  # an order is disputed
            calls.append(api.s3_object("GetObject", "orders-documents", f"disputes/{uuid(rng)}"))
        return calls

    return Workload(
        "web",
        "orders-service",
        terraform.role(
            "orders-service",
            terraform.attached(
                "AmazonDynamoDBFullAccess",
                "AmazonS3FullAccess",
                "AmazonSQSFullAccess",
                "AmazonSSMReadOnlyAccess",
                "CloudWatchLogsFullAccess",
            ),
            terraform.document(
                "extra",
                """\
  statement {
    actions   = ["secretsmanager:*"]
    resources = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"]
  }
  statement {
    actions   = ["lambda:InvokeFunction", "lambda:InvokeAsync", "lambda:GetFunction", "lambda:List*"]
    resources = ["*"]
  }
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
  }""",
            ),
        ),
        day,
    )


def nightly_etl() -> Workload:
    """Nightly queries and tables over a lake; tables by date, and scratch tables by random name."""

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = [
            api.s3_list("acme-datalake-raw", f"events/dt={when}/"),
            api.glue_table("GetTable", "analytics", "events"),
            api.glue_table("GetPartitions", "analytics", "events"),
            api.glue_table("BatchCreatePartition", "analytics", "events"),
        ]
        stage = f"stage_{when:%Y%m%d}"
        scratch = f"tmp_{letters(rng, 6, BASE36)}"
        for table, family, enough in ((stage, "stage_*", 1), (scratch, "tmp_*", 4)):
            calls.append(api.glue_table("CreateTable", "analytics", table, family, enough))
            calls.append(api.glue_table("DeleteTable", "analytics", table, family, enough))
        for part in range(rng.randint(3, 5)):
            key = f"events/dt={when}/part-{part}.parquet"
            calls.append(api.s3_object("GetObject", "acme-datalake-raw", key))
            calls.append(api.s3_object("PutObject", "acme-datalake-curated", key))
            calls.append(api.kms("GenerateDataKey", _KEY, "s3"))
            calls += api.athena(rng, "etl")
        calls += [api.execution("load-warehouse"), api.publish("etl-done"), api.metrics()]
        if when.weekday() == 6:
            calls.append(api.s3_object("DeleteObject", "acme-datalake-curated", f"old/{uuid(rng)}"))
            calls.append(api.execution("compact-lake"))
        if rng.random() < 0.05:
            calls.append(
                api.glue_table("CreateTable", "analytics", stage, "stage_*")._replace(
                    error="AlreadyExistsException"
                )
            )
        return calls

    return Workload(
        "batch",
        "etl-nightly",
        terraform.role(
            "etl-nightly",
            terraform.attached("AmazonAthenaFullAccess", "AWSGlueConsoleFullAccess"),
            terraform.inline(
                "lake",
                """\
      { Sid = "Lake", Effect = "Allow", Action = "s3:*", Resource = ["arn:aws:s3:::acme-datalake*", "arn:aws:s3:::acme-datalake*/*"] },
      { Sid = "Run", Effect = "Allow", Action = ["states:*", "sns:*", "cloudwatch:*"], Resource = "*" },
      { Sid = "Keys", Effect = "Allow", Action = "kms:*", Resource = "arn:aws:kms:eu-west-1:111122223333:key/*" },""",
            ),
        ),
        day,
    )


def nightly_report() -> Workload:
    """A container that renders reports; its policy lists actions one by one."""
    group = "/aws/batch/job"

    def day(when: date, rng: random.Random) -> list[Call]:
        stream = f"reports/default/{letters(rng, 32)}"
        calls: list[Call] = [
            api.log_stream(group, stream),
            api.logs_written(group, stream),
            api.parameter("/reports/recipients"),
            api.s3_list("reports-input", f"{when}/"),
            api.s3_bucket("GetBucketLocation", "reports-input"),
        ]
        for _ in range(rng.randint(3, 6)):
            calls.append(api.s3_object("GetObject", "reports-input", f"{when}/{uuid(rng)}.csv"))
            calls.append(
                api.s3_object("PutObject", "reports-output", f"{when:%Y/%m/%d}/{uuid(rng)}.pdf")
            )
            calls.append(api.dynamodb("GetItem", "report-templates"))
        calls.append(
            api.unseen(Auth("ses:SendRawEmail", arn("ses", "identity/reports.example.com")))
        )
        if when.weekday() == 4:
            calls.append(api.dynamodb("Scan", "report-templates"))
            calls.append(api.sqs("SendMessage", "report-requests"))
        if when.day == 1:
            calls.append(api.s3_object("PutObject", "reports-archive", f"{when:%Y-%m}.zip"))
        if rng.random() < 0.04:  # refused: not granted
            calls.append(api.s3_object("GetObject", "finance-private", f"{uuid(rng)}.csv"))
        return calls

    return Workload(
        "batch",
        "reports-nightly",
        terraform.role(
            "reports-nightly",
            terraform.document(
                "reports",
                """\
  statement {
    sid       = "Objects"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["arn:aws:s3:::reports-*/*"]
  }
  statement {
    sid       = "Buckets"
    actions   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketAcl", "s3:ListBucketVersions"]
    resources = ["arn:aws:s3:::reports-*"]
  }
  statement {
    sid       = "Tables"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DescribeTable"]
    resources = ["arn:aws:dynamodb:eu-west-1:111122223333:table/report-*"]
  }
  statement {
    sid       = "Mail"
    actions   = ["ses:SendEmail", "ses:SendRawEmail"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "ses:FromAddress"
      values   = ["reports@example.com"]
    }
  }
  statement {
    sid       = "Rest"
    actions   = ["sqs:*", "ssm:Get*", "ssm:Describe*", "logs:*"]
    resources = ["*"]
  }""",
            ),
        ),
        day,
    )


def month_close() -> Workload:
    """The books are closed on the first two days of a month; a forecast is made on Mondays."""

    def day(when: date, rng: random.Random) -> list[Call]:
        calls: list[Call] = []
        forecast = Auth("ce:GetCostForecast")
        if when.weekday() == 0:
            calls.append(api.read("ce", "GetCostForecast", {"metric": "UNBLENDED_COST"}, forecast))
            calls.append(api.s3_object("PutObject", "finance-close", f"forecast/{when}.json"))
        if when.day > 2:
            return calls
        calls += api.snapshot("ledger", f"ledger-close-{when:%Y-%m-%d}", "ledger-close-*")
        calls.append(api.kms("GenerateDataKey", _KEY, "s3"))
        usage = Auth("ce:GetCostAndUsage")
        for _ in range(4):
            calls.append(api.read("ce", "GetCostAndUsage", {"granularity": "MONTHLY"}, usage))
        for _ in range(6):
            calls.append(
                api.s3_object("GetObject", "finance-ledger", f"{when:%Y/%m}/{uuid(rng)}.csv")
            )
            calls.append(
                api.s3_object("PutObject", "finance-close", f"{when:%Y-%m}/{uuid(rng)}.csv")
            )
        table = f"close_{when:%Y_%m}"
        calls.append(api.glue_table("CreateTable", "finance", table, "close_*"))
        calls.append(api.glue_table("GetTable", "finance", table, "close_*"))
        calls += api.athena(rng, "finance")
        calls.append(api.secret("finance/erp", "Zx81Qp"))
        calls.append(api.kms("Decrypt", _KEY, "secretsmanager"))
        if when.month in (1, 4, 7, 10):  # the quarter's report
            calls.append(api.s3_object("PutObject", "finance-board", f"{when:%Y-%m}.xlsx"))
            calls.append(api.publish("board-report"))
        return calls

    return Workload(
        "monthly",
        "month-close",
        terraform.role(
            "month-close",
            terraform.attached("AmazonAthenaFullAccess", "AmazonRDSFullAccess"),
            terraform.inline(
                "close",
                """\
      { Effect = "Allow", Action = ["ce:*", "cur:*"], Resource = "*" },
      { Effect = "Allow", Action = ["s3:Get*", "s3:List*", "s3:Put*"], Resource = ["arn:aws:s3:::finance-*", "arn:aws:s3:::finance-*/*"] },
      { Effect = "Allow", Action = ["secretsmanager:GetSecretValue", "sns:Publish"], Resource = "*" },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = ["s3.*.amazonaws.com", "secretsmanager.*.amazonaws.com"] } }
      },""",
            ),
        ),
        day,
    )


def invoice_run() -> Workload:
    """Invoices go out on the last days of a month; the mail queue is looked after each day."""
    group = "/aws/lambda/invoice-run"

    def day(when: date, rng: random.Random) -> list[Call]:
        stream = f"{when:%Y/%m/%d}/[$LATEST]{letters(rng, 32)}"
        calls: list[Call] = [
            api.log_stream(group, stream),
            api.logs_written(group, stream),
            api.sqs("ReceiveMessage", "invoice-bounces"),
        ]
        if when.day == 28:
            calls.append(api.invoke("invoice-render"))
            calls.append(api.execution("invoice-run"))
            for _ in range(8):
                calls.append(api.dynamodb("Query", "customers"))
                calls.append(api.dynamodb("PutItem", "invoices"))
                calls.append(
                    api.s3_object("PutObject", "invoices-pdf", f"{when:%Y/%m}/{uuid(rng)}.pdf")
                )
        return calls

    return Workload(
        "monthly",
        "invoice-run",
        terraform.role(
            "invoice-run",
            terraform.attached("service-role/AWSLambdaBasicExecutionRole", "AmazonS3FullAccess"),
            terraform.inline(
                "run",
                """\
      { Effect = "Allow", Action = ["dynamodb:*", "sqs:*", "states:*", "lambda:*"], Resource = "*" },""",
            ),
        ),
        day,
    )


MACHINES = (web_function, web_service, nightly_etl, nightly_report, month_close, invoice_run)
