package dev.tokenbroker.edges.telemetry;

/** The names of the labels of meters. */
public final class MeterLabels {

  public static final String INTENT = "intent";
  public static final String OUTCOME = "outcome";
  public static final String STEP = "step";
  static final String RESULT = "result";
  public static final String REASON = "reason";
  static final String FAULT = "fault";
  public static final String ISSUER = "issuer";
  static final String TARGET = "target";
  static final String RULE = "rule";
  static final String FRESHNESS = "freshness";
  static final String REVISION = "revision";
  static final String PROVIDER = "provider";
  public static final String UPSTREAM = "upstream";
  static final String STATE = "state";
  static final String WHY = "why";
  static final String CHANGE = "change";
  static final String CAUSE = "cause";
  static final String KIND = "kind";
  static final String PORT = "port";
  static final String CLIENT = "client";

  private MeterLabels() {}
}
