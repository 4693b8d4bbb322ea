# Sourced by spark-class before it starts a JVM. A start takes half of the time with the archive of Spark's classes that
# `make setup` has made. It is good for the class path it was made from, and this folder may not come first there: so
# the jars do. Without an archive, or with one of another JVM, classes are loaded one by one, as ever.
if [ "${1:-}" = org.apache.spark.deploy.SparkSubmit ]; then
  set -- "$1" --driver-class-path "$SPARK_HOME/jars/*" "${@:2}"
  SPARK_SUBMIT_OPTS="-XX:SharedArchiveFile=$SPARK_HOME/classes.jsa -Xlog:cds*=error ${SPARK_SUBMIT_OPTS:-}"
fi
