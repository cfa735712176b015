package dev.tokenbroker.edges.telemetry;

/**
 * The names of all meters and of their labels. Dashboards and alerts depend on them: a golden file
 * pins them, and {@code src/docs/operate/metrics.md} describes them.
 */
public final class MeterNames {

  /** The prefix of all names. */
  static final String PREFIX = "tokenbroker.";

  /** Timer of whole evaluations. */
  public static final String EXCHANGE = "tokenbroker.exchange";

  /** Timer of the steps that evaluations took. */
  public static final String EXCHANGE_STEP = "tokenbroker.exchange.step";

  /** Counter of evaluations that were refused. */
  public static final String REFUSALS = "tokenbroker.refusals";

  /** Counter of issued tokens. */
  public static final String TOKENS_ISSUED = "tokenbroker.tokens.issued";

  /** Counter of what shadow rules would have done. */
  public static final String SHADOW_RULES = "tokenbroker.shadow.rules";

  /** Gauge of an issuer's usable keys. */
  public static final String ISSUER_KEYS = "tokenbroker.issuer.keys";

  /** Gauge of the time since an issuer's keys were fetched, in seconds. */
  public static final String ISSUER_KEYS_AGE = "tokenbroker.issuer.keys.age";

  /** Gauge that is 1 for the freshness that an issuer's keys have, and 0 for the others. */
  public static final String ISSUER_KEYS_FRESHNESS = "tokenbroker.issuer.keys.freshness";

  /** Gauge of an issuer's clock minus ours, in seconds. */
  public static final String ISSUER_CLOCK_OFFSET = "tokenbroker.issuer.clock.offset";

  /** Counter of the fetches begun at an issuer. */
  public static final String ISSUER_FETCHES = "tokenbroker.issuer.fetches";

  /** Counter of the fetches without a usable result. */
  public static final String ISSUER_FETCH_FAILURES = "tokenbroker.issuer.fetch.failures";

  /** Gauge of the fetches begun, divided by the fetches that the upstream bound allows. */
  public static final String ISSUER_FETCH_BOUND_RATIO = "tokenbroker.issuer.fetch.bound.ratio";

  /** Gauge that is 1 for the revision in force; no other revision is present. */
  public static final String FEDERATION_INFO = "tokenbroker.federation.info";

  /** Gauge of the time at which the revision in force was loaded, in seconds since 1970. */
  public static final String FEDERATION_LOADED_TIME = "tokenbroker.federation.loaded.time";

  /** Gauge of the problems in the document on disk; zero if it is in force. */
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

  /** Gauge of the problems with the signing key files; zero if all are usable. */
  public static final String SIGNING_KEY_PROBLEMS = "tokenbroker.signing.key.problems";

  /** Gauge that is 1 for the signature provider in use; no other provider is present. */
  public static final String CRYPTO_PROVIDER = "tokenbroker.crypto.provider";

  /** Counter of the attempts begun at an upstream. */
  public static final String UPSTREAM_ATTEMPTS = "tokenbroker.upstream.attempts";

  /** Counter of the attempts at an upstream that were needed, probes included. */
  public static final String UPSTREAM_NEEDED = "tokenbroker.upstream.needed";

  /** Counter of the needed attempts that only found out whether an upstream is back. */
  public static final String UPSTREAM_PROBES = "tokenbroker.upstream.probes";

  /** Counter of the probes of an upstream that no caller needed. */
  public static final String UPSTREAM_IDLE_PROBES = "tokenbroker.upstream.idle.probes";

  /** Counter of such probes that failed. */
  public static final String UPSTREAM_IDLE_PROBE_FAILURES =
      "tokenbroker.upstream.idle.probe.failures";

  /** Counter of the attempts at an upstream that took a token of its budget. */
  public static final String UPSTREAM_RETRIES = "tokenbroker.upstream.retries";

  /** Counter of the attempts that an upstream responded to, refusals included. */
  public static final String UPSTREAM_SUCCESSES = "tokenbroker.upstream.successes";

  /** Counter of the attempts at an upstream that failed. */
  public static final String UPSTREAM_FAILURES = "tokenbroker.upstream.failures";

  /** Counter of the attempts that an upstream's guard did not make. */
  public static final String UPSTREAM_REJECTIONS = "tokenbroker.upstream.rejections";

  /** Gauge of the attempts begun, divided by the attempts that the upstream bound allows. */
  public static final String UPSTREAM_BOUND_RATIO = "tokenbroker.upstream.bound.ratio";

  /** Gauge of the retries that the upstream bound still allows. */
  public static final String UPSTREAM_BOUND_HEADROOM = "tokenbroker.upstream.bound.headroom";

  /** Gauge of the attempts begun at an upstream, divided by those that were needed. */
  public static final String UPSTREAM_ATTEMPTS_PER_NEEDED =
      "tokenbroker.upstream.attempts.per.needed";

  /** Gauge of the retries that an upstream's budget allows now. */
  public static final String UPSTREAM_BUDGET_TOKENS = "tokenbroker.upstream.budget.tokens";

  /** Gauge that is 1 for the state that an upstream's circuit is in, and 0 for the others. */
  public static final String UPSTREAM_CIRCUIT_STATE = "tokenbroker.upstream.circuit.state";

  /** Gauge of the attempts under way at an upstream. */
  public static final String UPSTREAM_IN_FLIGHT = "tokenbroker.upstream.in.flight";

  /** Gauge of the attempts that may be under way at an upstream. */
  public static final String UPSTREAM_IN_FLIGHT_LIMIT = "tokenbroker.upstream.in.flight.limit";

  /** Counter of the tokens issued from the cache. */
  public static final String CACHE_HITS = "tokenbroker.cache.hits";

  /** Counter of the refusals given from the cache. */
  public static final String CACHE_NEGATIVE_HITS = "tokenbroker.cache.negative.hits";

  /** Counter of the look-ups of tokens that other replicas got. */
  public static final String CACHE_SHARED = "tokenbroker.cache.shared";

  /** Counter of all other lookups in the cache. */
  public static final String CACHE_MISSES = "tokenbroker.cache.misses";

  /** Counter of the cached tokens whose refresh came due. */
  public static final String CACHE_REFRESHES = "tokenbroker.cache.refreshes";

  /** Counter of the refreshes that came due and could not begin at once. */
  public static final String CACHE_REFRESHES_PUT_OFF = "tokenbroker.cache.refreshes.put.off";

  /** Counter of the refreshes that failed. */
  public static final String CACHE_REFRESH_FAILURES = "tokenbroker.cache.refresh.failures";

  /** Counter of the tokens evicted from the cache for lack of room. */
  public static final String CACHE_EVICTIONS = "tokenbroker.cache.evictions";

  /** Gauge of the cache entries. */
  public static final String CACHE_SIZE = "tokenbroker.cache.size";

  /** Gauge of the weight of the cached tokens, in bytes. */
  public static final String CACHE_WEIGHT = "tokenbroker.cache.weight";

  /** Gauge of the cached refusals. */
  public static final String CACHE_NEGATIVE_SIZE = "tokenbroker.cache.negative.size";

  /** Gauge of the shared evaluations under way. */
  public static final String FLIGHTS_UNDER_WAY = "tokenbroker.flights.under.way";

  /** Counter of the shared evaluations begun. */
  public static final String FLIGHTS_BEGUN = "tokenbroker.flights.begun";

  /** Counter of the callers that joined another caller's evaluation. */
  public static final String FLIGHTS_JOINED = "tokenbroker.flights.joined";

  /** Gauge of how many evaluations may wait for a processor. */
  public static final String ADMISSION_LIMIT = "tokenbroker.admission.limit";

  /** Gauge of how many evaluations wait for a processor. */
  public static final String ADMISSION_WAITING = "tokenbroker.admission.waiting";

  /** Gauge of the evaluations that were admitted and have not ended. */
  public static final String ADMISSION_IN_FLIGHT = "tokenbroker.admission.in.flight";

  /** Gauge that is 1 while the broker is overloaded, else 0. */
  public static final String ADMISSION_OVERLOADED = "tokenbroker.admission.overloaded";

  /** Counter of the evaluations and proof checks begun. */
  public static final String ADMISSION_ADMITTED = "tokenbroker.admission.admitted";

  /** Counter of the evaluations refused by admission. */
  public static final String ADMISSION_REFUSED = "tokenbroker.admission.refused";

  /** Gauge of the DPoP proofs remembered against replay. */
  public static final String PROOFS = "tokenbroker.dpop.proofs";

  /** Gauge of how many DPoP proofs may be remembered. */
  public static final String PROOFS_LIMIT = "tokenbroker.dpop.proofs.limit";

  /** Gauge of the distinct requests in the recording. */
  public static final String RECORDING_REQUESTS = "tokenbroker.recording.requests";

  /** Counter of judged requests that found no place in the recording. */
  public static final String RECORDING_NOT_KEPT = "tokenbroker.recording.not_kept";

  /** Counter of judged requests that the recording does not count. */
  public static final String RECORDING_LOST = "tokenbroker.recording.lost";

  /** Counter of the exchanges that the candidate judged as well, by what it would change. */
  public static final String CANDIDATE_EXCHANGES = "tokenbroker.candidate.exchanges";

  /** Counter of the exchanges that were sampled for the candidate and not compared. */
  public static final String CANDIDATE_SKIPPED = "tokenbroker.candidate.skipped";

  /** Gauge of the problems in the document of the candidate. */
  public static final String CANDIDATE_PROBLEMS = "tokenbroker.candidate.problems";

  /** Gauge that is 1 for the revision of the candidate; no other revision is present. */
  public static final String CANDIDATE_INFO = "tokenbroker.candidate.info";

  /** Gauge of the used credentials remembered, for issuers with single-use credentials. */
  public static final String USED_CREDENTIALS = "tokenbroker.used.credentials";

  /** Gauge of how many used credentials may be remembered. */
  public static final String USED_CREDENTIALS_LIMIT = "tokenbroker.used.credentials.limit";

  /** Gauge that is 1 if the store of the replicas answered the last call, else 0. */
  public static final String STORE_AVAILABLE = "tokenbroker.store.available";

  /** Counter of the calls of the store that it answered. */
  public static final String STORE_ANSWERS = "tokenbroker.store.answers";

  /** Counter of the calls of the store that failed or were not made. */
  public static final String STORE_FAILURES = "tokenbroker.store.failures";

  /** Counter of the values in the store that no key of the store authenticates. */
  public static final String STORE_FOREIGN = "tokenbroker.store.foreign";

  /** Gauge of the replicas that are up, this one included. */
  public static final String REPLICAS = "tokenbroker.replicas";

  /** Counter of the changes of identity infrastructure. */
  public static final String CHANGES = "tokenbroker.changes";

  /** Counter of the joins of refusals to such a change. */
  public static final String CHANGES_JOINED = "tokenbroker.changes.joined";

  /** Counter of the introspections. */
  public static final String INTROSPECTIONS = "tokenbroker.introspections";

  /** Counter of the calls to revoke a token. */
  public static final String REVOCATIONS = "tokenbroker.revocations";

  /** Gauge of the revoked tokens that are kept. */
  public static final String REVOCATIONS_HELD = "tokenbroker.revocations.held";

  /** Gauge of the revoked tokens that may be kept. */
  public static final String REVOCATIONS_LIMIT = "tokenbroker.revocations.limit";

  static final String SECONDS = "seconds";
  static final String BYTES = "bytes";

  /** Gauge of the time until an own token expires, in seconds. */
  public static final String OWN_TOKEN_LIFE = "tokenbroker.own.token.life";

  /** Counter of the requests begun for an own token. */
  public static final String OWN_TOKEN_REQUESTS = "tokenbroker.own.token.requests";

  /** Counter of the requests that brought no own token. */
  public static final String OWN_TOKEN_FAILURES = "tokenbroker.own.token.failures";

  /** Gauge of the requests for an own token, divided by the requests that the bound allows. */
  public static final String OWN_TOKEN_BOUND_RATIO = "tokenbroker.own.token.bound.ratio";

  /** Gauge that is 1 for the state that the circuit of a provider is in, and 0 for the others. */
  public static final String OWN_TOKEN_CIRCUIT_STATE = "tokenbroker.own.token.circuit.state";

  private MeterNames() {}
}
