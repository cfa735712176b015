package dev.tokenbroker.telemetry;

/**
 * The names of all meters and of their labels. They are part of the contract with whoever keeps
 * dashboards and alerts: a golden file holds them, and {@code src/docs/metrics.md} describes them.
 */
public final class MeterNames {

  /** Timer of whole evaluations. */
  public static final String EXCHANGE = "tokenbroker.exchange";

  /** Timer of the steps that evaluations took. */
  public static final String EXCHANGE_STEP = "tokenbroker.exchange.step";

  /** Counter of evaluations that were refused. */
  public static final String REFUSALS = "tokenbroker.refusals";

  /** Counter of tokens that went out. */
  public static final String TOKENS_ISSUED = "tokenbroker.tokens.issued";

  /** Gauge of the usable keys held of an issuer. */
  public static final String ISSUER_KEYS = "tokenbroker.issuer.keys";

  /** Gauge of the time since an issuer's keys were fetched, in seconds. */
  public static final String ISSUER_KEYS_AGE = "tokenbroker.issuer.keys.age";

  /** Gauge that is 1 for the freshness that an issuer's keys have, and 0 for the others. */
  public static final String ISSUER_KEYS_FRESHNESS = "tokenbroker.issuer.keys.freshness";

  /** Gauge of an issuer's clock less ours, in seconds. */
  public static final String ISSUER_CLOCK_OFFSET = "tokenbroker.issuer.clock.offset";

  /** Counter of the fetches begun at an issuer. */
  public static final String ISSUER_FETCHES = "tokenbroker.issuer.fetches";

  /** Counter of the fetches that brought nothing usable. */
  public static final String ISSUER_FETCH_FAILURES = "tokenbroker.issuer.fetch.failures";

  /** Gauge of the fetches begun over the fetches that the upstream bound allows. */
  public static final String ISSUER_FETCH_BOUND_RATIO = "tokenbroker.issuer.fetch.bound.ratio";

  /** Gauge that is 1 for the revision in force; no other revision is present. */
  public static final String FEDERATION_INFO = "tokenbroker.federation.info";

  /** Gauge of the time at which the revision in force was loaded, in seconds since 1970. */
  public static final String FEDERATION_LOADED_TIME = "tokenbroker.federation.loaded.time";

  /** Gauge of the problems in the document as it lies on disk; zero where it is in force. */
  public static final String FEDERATION_PROBLEMS = "tokenbroker.federation.problems";

  /** Counter of the documents that were read and put in force. */
  public static final String FEDERATION_RELOADS = "tokenbroker.federation.reloads";

  /** Counter of the documents that were read and refused. */
  public static final String FEDERATION_FAILURES = "tokenbroker.federation.failures";

  /** Gauge of the signing keys that are published. */
  public static final String SIGNING_KEYS = "tokenbroker.signing.keys";

  /** Gauge of the time since the published signing keys last changed, in seconds. */
  public static final String SIGNING_KEYS_AGE = "tokenbroker.signing.keys.age";

  /** Gauge that is 1 while tokens can be signed, else 0. */
  public static final String SIGNING_KEY_AVAILABLE = "tokenbroker.signing.key.available";

  /** Gauge that is 1 for who makes and checks signatures; no other provider is present. */
  public static final String CRYPTO_PROVIDER = "tokenbroker.crypto.provider";

  static final String SECONDS = "seconds";

  static final String INTENT = "intent";
  static final String OUTCOME = "outcome";
  static final String STEP = "step";
  static final String RESULT = "result";
  static final String REASON = "reason";
  static final String ISSUER = "issuer";
  static final String TARGET = "target";
  static final String FRESHNESS = "freshness";
  static final String REVISION = "revision";
  static final String PROVIDER = "provider";

  private MeterNames() {}
}
