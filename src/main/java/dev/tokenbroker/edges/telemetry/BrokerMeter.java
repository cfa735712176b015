package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the broker. A constant names its meter: {@code ISSUER_KEYS_AGE} is {@code
 * tokenbroker.issuer.keys.age}. Dashboards and alerts depend on the names: a golden file pins them,
 * and {@code src/docs/operate/metrics.md} describes them.
 */
public enum BrokerMeter {
  EXCHANGE("Evaluations, from reading the request to the record"),
  EXCHANGE_STEP("Steps that evaluations took; those skipped are not timed"),
  REFUSALS("Evaluations that were refused"),
  TOKENS_ISSUED("Tokens that went out"),
  SHADOW_RULES("What shadow rules would have done with exchanges"),
  ISSUER_KEYS("Usable keys held"),
  ISSUER_KEYS_AGE(
      "Time since the keys held were fetched; NaN for keys that are not fetched", "seconds"),
  ISSUER_KEYS_FRESHNESS("1 for the freshness that the keys have, 0 for the others"),
  ISSUER_CLOCK_OFFSET("The issuer's clock less ours; NaN until measured", "seconds"),
  ISSUER_FETCHES("Fetches begun, keys and discovery together, probes included"),
  ISSUER_FETCH_FAILURES("Fetches that brought nothing usable"),
  ISSUER_FETCH_BOUND_RATIO(
      "Fetches begun, without probes, over the fetches that the upstream bound allows; at most 1"),
  FEDERATION_INFO("1 for the revision in force; no other is present"),
  FEDERATION_LOADED_TIME(
      "When the revision in force was loaded; NaN while there is none", "seconds"),
  FEDERATION_PROBLEMS("Problems of the document on disk; 0 where it is in force"),
  FEDERATION_RELOADS("Documents read and put in force"),
  FEDERATION_FAILURES("Documents read and refused"),
  SIGNING_KEYS("Signing keys that are published"),
  SIGNING_KEYS_AGE(
      "Time since the published signing keys last changed, or since the start", "seconds"),
  SIGNING_KEY_AVAILABLE("1 while tokens can be signed, else 0"),
  SIGNING_KEY_PROBLEMS("Problems with the signing key files; 0 if all are usable"),
  CRYPTO_PROVIDER("1 for who makes and checks signatures; no other is present"),
  UPSTREAM_ATTEMPTS("Attempts begun"),
  UPSTREAM_NEEDED("Attempts that were needed, probes included"),
  UPSTREAM_PROBES("Attempts that only found out whether the upstream is back"),
  UPSTREAM_IDLE_PROBES("Probes of an upstream that no caller needed"),
  UPSTREAM_IDLE_PROBE_FAILURES("Such probes that failed"),
  UPSTREAM_RETRIES("Attempts that took a token of the budget"),
  UPSTREAM_SUCCESSES("Attempts that the upstream answered, refusals included"),
  UPSTREAM_FAILURES("Attempts that failed"),
  UPSTREAM_REJECTIONS("Attempts that the guard did not make"),
  UPSTREAM_BOUND_RATIO("Attempts over needed + burst + ratio x successes; at most 1"),
  UPSTREAM_BOUND_HEADROOM("Retries that the upstream bound still allows; at least 0"),
  UPSTREAM_ATTEMPTS_PER_NEEDED("Attempts over those that were needed; NaN until there is one"),
  UPSTREAM_BUDGET_TOKENS("Retries that the budget allows now"),
  UPSTREAM_CIRCUIT_STATE("1 for the state that the circuit is in, 0 for the others"),
  UPSTREAM_IN_FLIGHT("Attempts under way"),
  UPSTREAM_IN_FLIGHT_LIMIT("Attempts that may be under way"),
  CACHE_HITS("Tokens handed out from the cache"),
  CACHE_NEGATIVE_HITS("Refusals given from the cache"),
  CACHE_MISSES("All other lookups"),
  CACHE_REFRESHES("Cached tokens renewed before their expiry"),
  CACHE_REFRESHES_PUT_OFF("Refreshes that came due and could not be begun at once"),
  CACHE_REFRESH_FAILURES("Refreshes that brought nothing"),
  CACHE_EVICTIONS("Tokens evicted because the cache was full"),
  CACHE_SIZE("Tokens held"),
  CACHE_WEIGHT("What the tokens held weigh", "bytes"),
  CACHE_NEGATIVE_SIZE("Refusals held"),
  FLIGHTS_UNDER_WAY("Shared evaluations under way"),
  FLIGHTS_BEGUN("Shared evaluations begun"),
  FLIGHTS_JOINED("Calls answered by another call's evaluation"),
  ADMISSION_LIMIT("Evaluations that may wait for a processor"),
  ADMISSION_WAITING("Evaluations that wait for a processor"),
  ADMISSION_IN_FLIGHT("Evaluations that were let in and have not ended"),
  ADMISSION_OVERLOADED("1 while evaluations wait too long, else 0"),
  ADMISSION_ADMITTED("Evaluations and checks of proofs begun"),
  ADMISSION_REFUSED("Evaluations refused by admission"),
  DPOP_PROOFS("DPoP proofs remembered, so that none is taken twice"),
  DPOP_PROOFS_LIMIT("How many DPoP proofs may be remembered"),
  RECORDING_REQUESTS("Distinct requests in the recording"),
  RECORDING_NOT_KEPT("Judged requests that found no place in the recording"),
  RECORDING_LOST("Judged requests that the recording does not count"),
  CANDIDATE_EXCHANGES("Exchanges that the candidate judged as well, by what it would change"),
  CANDIDATE_SKIPPED("Exchanges that were sampled for the candidate and not compared"),
  CANDIDATE_PROBLEMS("Problems of the candidate's document; with any, nothing is compared"),
  CANDIDATE_INFO("1 for the revision of the candidate; no other is present"),
  USED_CREDENTIALS("Remembered credentials of once-only issuers"),
  USED_CREDENTIALS_LIMIT("How many used credentials may be remembered"),
  STORE_AVAILABLE(
      "1 if the store of the replicas answered the last call of that kind, or none is shared, else 0"),
  STORE_ANSWERS("Calls of the store of the replicas that it answered"),
  STORE_FAILURES(
      "Calls of the store of the replicas that failed, or that were not made since others did"),
  STORE_WAITS("Calls of the store that found no place or no connection in time beside others"),
  STORE_FOREIGN("Values in the store that no replica wrote, each time that one was met"),
  STORE_LOSSES("Losses of claims or log entries in the store of the replicas that were noticed"),
  STORE_TRUSTED("1 if the store evicts nothing and has the time of this replica, else 0"),
  REPLICAS("Replicas with the same store that are up, this one included"),
  REPLICA_SILENCE("Time since the last message of a replica that is up", "seconds"),
  CHANGES("Changes of identity infrastructure"),
  CHANGES_JOINED("Joins of refusals to a change"),
  INTROSPECTIONS("Introspections, by what they came to"),
  CALLER_FAILURES("Wrong secrets of clients"),
  LISTENER_FAULTS("Connections that the wrong protocol, TLS or a client certificate ended"),
  REVOCATIONS("Calls to revoke a token, by what they came to"),
  REVOCATIONS_HELD("Revoked tokens that have not expired"),
  REVOCATIONS_LIMIT("Revoked tokens that may be kept"),
  OWN_TOKEN_LIFE("How long the held token is still valid; 0 without one", "seconds"),
  OWN_TOKEN_REQUESTS("Requests begun at the provider"),
  OWN_TOKEN_FAILURES("Requests that brought no token"),
  OWN_TOKEN_BOUND_RATIO("Requests over needed + burst + ratio x successes; at most 1"),
  OWN_TOKEN_CIRCUIT_STATE("1 for the state that the circuit is in, 0 for the others");

  /** The prefix of all names. */
  static final String PREFIX = "tokenbroker.";

  private final String id;
  private final String description;
  private final @Nullable String unit;

  BrokerMeter(String description) {
    this(description, null);
  }

  BrokerMeter(String description, @Nullable String unit) {
    this.id = PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '.');
    this.description = description;
    this.unit = unit;
  }

  /** The name in the registry. */
  public String id() {
    return id;
  }

  String description() {
    return description;
  }

  @Nullable String unit() {
    return unit;
  }

  /** A counter of that name, without labels. */
  Counter.Builder counter() {
    return Counter.builder(id).description(description);
  }

  /** A timer of that name, without labels. */
  Timer.Builder timer() {
    return Timer.builder(id).description(description);
  }
}
