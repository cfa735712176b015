package dev.tokenbroker.edges.telemetry;

/** The names of the labels of meters. */
final class MeterLabels {

  static final String INTENT = "intent";
  static final String OUTCOME = "outcome";
  static final String STEP = "step";
  static final String RESULT = "result";
  static final String REASON = "reason";
  static final String FAULT = "fault";
  static final String ISSUER = "issuer";
  static final String TARGET = "target";
  static final String RULE = "rule";
  static final String FRESHNESS = "freshness";
  static final String REVISION = "revision";
  static final String REPLICA = "replica";
  static final String PROVIDER = "provider";
  static final String UPSTREAM = "upstream";
  static final String STATE = "state";
  static final String WHY = "why";
  static final String CHANGE = "change";
  static final String CAUSE = "cause";
  static final String KIND = "kind";
  static final String PORT = "port";
  static final String CLIENT = "client";

  private MeterLabels() {}
}
