"""What of Spark's settings changes results, each set to the value that Daybook is tested with.

Whatever a cluster's defaults, `spark-defaults.conf` or `--conf` say: the session is made with these. They are named one
by one, also where the value is Spark's own default, because a default is what somebody else may change. That the list
has all is held by `tests/spark/test_result_settings.py`, which knows every setting of the Spark that runs.
"""

from collections.abc import Mapping

# A file that is gone or cannot be read ends the job: none is passed over, with its rows.
_FILES = {
    "spark.files.ignoreCorruptFiles": "false",
    "spark.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.maxRecordsPerFile": "0",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "true",
    "spark.sql.sources.useV1SourceList": "avro,csv,json,kafka,orc,parquet,text",
    "spark.sql.legacy.extraOptionsBehavior.enabled": "false",
    "spark.sql.legacy.pathOptionBehavior.enabled": "false",
}
# What the SQL that Daybook writes means, and which code of others may take part in its plans.
_LANGUAGE = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "false",
    "spark.sql.ansi.enforceReservedKeywords": "false",
    "spark.sql.ansi.relationPrecedence": "false",
    "spark.sql.allowNamedFunctionArguments": "true",
    "spark.sql.analyzer.failAmbiguousSelfJoin": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.extensions": "",
    "spark.sql.groupByAliases": "true",
    "spark.sql.groupByOrdinal": "true",
    "spark.sql.lateralColumnAlias.enableImplicitResolution": "true",
    "spark.sql.legacy.exponentLiteralAsDecimal.enabled": "false",
    "spark.sql.legacy.parser.havingWithoutGroupByAsWhere": "false",
    "spark.sql.legacy.setopsPrecedence.enabled": "false",
    "spark.sql.optimizer.decorrelateSubqueryLegacyIncorrectCountHandling.enabled": "false",
    "spark.sql.optimizer.metadataOnly": "false",
    "spark.sql.orderByOrdinal": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parser.quotedRegexColumnNames": "false",
    "spark.sql.retainGroupColumns": "true",
    "spark.sql.selfJoinAutoResolveAmbiguity": "true",
    "spark.sql.variable.substitute": "false",
}
# How values are computed, compared and cast.
_VALUES = {
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.function.concatBinaryAsString": "false",
    "spark.sql.function.eltOutputAsString": "false",
    "spark.sql.legacy.allowHashOnMapType": "false",
    "spark.sql.legacy.allowNegativeScaleOfDecimal": "false",
    "spark.sql.legacy.allowNullComparisonResultInArraySort": "false",
    "spark.sql.legacy.allowParameterlessCount": "false",
    "spark.sql.legacy.allowStarWithSingleTableIdentifierInCount": "false",
    "spark.sql.legacy.castComplexTypesToString.enabled": "false",
    "spark.sql.legacy.createEmptyCollectionUsingStringType": "false",
    "spark.sql.legacy.followThreeValuedLogicInArrayExists": "true",
    "spark.sql.legacy.inSubqueryNullability": "false",
    "spark.sql.legacy.literal.pickMinimumPrecision": "true",
    "spark.sql.legacy.lpadRpadAlwaysReturnString": "false",
    "spark.sql.legacy.negativeIndexInArrayInsert": "false",
    "spark.sql.legacy.nullInEmptyListBehavior": "true",
    "spark.sql.legacy.sizeOfNull": "true",
    "spark.sql.legacy.typeCoercion.datetimeToString.enabled": "false",
    "spark.sql.execution.sortBeforeRepartition": "true",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    "spark.sql.storeAssignmentPolicy": "ANSI",
}
# Texts of a fixed length: Daybook's columns have none, and are not to be filled up.
_TEXTS = {
    "spark.sql.charAsVarchar": "false",
    "spark.sql.legacy.charVarcharAsString": "false",
    "spark.sql.legacy.noCharPaddingInPredicate": "false",
    "spark.sql.readSideCharPadding": "true",
}
_TIMES = {
    "spark.sql.datetime.java8API.enabled": "false",
    "spark.sql.legacy.fromDayTimeString.enabled": "false",
    "spark.sql.legacy.interval.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
}
_CSV_AND_JSON = {
    "spark.sql.columnNameOfCorruptRecord": "_corrupt_record",
    "spark.sql.csv.filterPushdown.enabled": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "true",
    "spark.sql.json.enablePartialResults": "true",
    "spark.sql.json.filterPushdown.enabled": "true",
    "spark.sql.legacy.csv.enableDateTimeParsingFallback": "true",
    "spark.sql.legacy.json.allowEmptyString.enabled": "false",
    "spark.sql.legacy.json.enableDateTimeParsingFallback": "true",
    "spark.sql.legacy.nullValueWrittenAsQuotedEmptyStringCsv": "false",
    "spark.sql.optimizer.enableCsvExpressionOptimization": "true",
    "spark.sql.optimizer.enableJsonExpressionOptimization": "true",
}
_PARQUET = {
    "spark.sql.legacy.parquet.nanosAsLong": "false",
    "spark.sql.parquet.aggregatePushdown": "false",
    "spark.sql.parquet.binaryAsString": "false",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.fieldId.read.enabled": "false",
    "spark.sql.parquet.fieldId.read.ignoreMissing": "false",
    "spark.sql.parquet.fieldId.write.enabled": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.int96AsTimestamp": "true",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96TimestampConversion": "false",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.recordLevelFilter.enabled": "false",
    "spark.sql.parquet.respectSummaryFiles": "false",
    "spark.sql.parquet.writeLegacyFormat": "false",
}
# What is observed while rows are written: this rule drops the counts along with an empty stage, and a ledger of zeros
# is a ledger too.
_COUNTS = {
    "spark.sql.adaptive.optimizer.excludedRules": "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation",
}
RESULT_SETTINGS: Mapping[str, str] = {
    **_FILES,
    **_LANGUAGE,
    **_VALUES,
    **_TEXTS,
    **_TIMES,
    **_CSV_AND_JSON,
    **_PARQUET,
    **_COUNTS,
}
